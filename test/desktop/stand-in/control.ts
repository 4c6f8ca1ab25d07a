/** How the test and the app it has started talk: over the channel between a Node process and its child. */
type Command = (...args: never[]) => unknown

const commands = new Map<string, Command>()

/** Something that the test may have done. */
export function command(name: string, work: Command): void {
  commands.set(name, work)
}

/** Tells the test what the app has asked of Electron. Only what JSON can say arrives. */
export function record(call: string, ...args: readonly unknown[]): void {
  process.send?.({ call, args: JSON.parse(JSON.stringify(args)) as unknown })
}

process.on('message', (message) => {
  const { id, name, args } = message as { id: number; name: string; args: never[] }
  void (async () => {
    try {
      const value = (await commands.get(name)?.(...args)) ?? null
      process.send?.({ id, value: JSON.parse(JSON.stringify(value)) as unknown })
    } catch (error) {
      process.send?.({ id, error: String(error) })
    }
  })()
})
// The app ends when it says so, not when the test has nothing more to say; without its test it has no reason to live.
process.on('disconnect', () => process.exit(9))
