/** By path: archives that were left, and that the engine may still have open. */
const closing = new Map<string, Promise<unknown>>()

/** An archive is left; it is closed when `done` settles. */
export function leaveArchive(path: string, done: Promise<unknown>): void {
  closing.set(path, done)
  const forget = (): void => {
    if (closing.get(path) === done) closing.delete(path)
  }
  done.then(forget, forget)
}

/**
 * Resolves when an archive that was left is closed. While it is open, the shell knows its password: opened again at once, it would not ask
 * for it.
 */
export async function whenLeft(path: string): Promise<void> {
  await closing.get(path)?.catch(() => undefined)
}
