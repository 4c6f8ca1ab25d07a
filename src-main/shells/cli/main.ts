import { LmzError, toLmzError } from '../../contract/error'
import { exitCodeOf } from './exit-code'
import { buildProgram } from './program'
import { Terminal } from './terminal'

/** The `lmz` command. */
async function main(): Promise<number> {
  const terminal = new Terminal({ isJson: process.argv.includes('--json') })
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  // A reader that closes early (`lmz list x.lmz | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 4))
  let exitCode = 0
  try {
    const program = buildProgram({ terminal, signal: abort.signal, setExitCode: (code) => (exitCode = code) })
    await program.parseAsync(process.argv)
    return exitCode
  } catch (thrown) {
    // commander has already printed its own complaint and marks --help and --version with exit code 0.
    const commanderCode = (thrown as { readonly exitCode?: number }).exitCode
    if (commanderCode !== undefined && !(thrown instanceof LmzError)) return commanderCode === 0 ? 0 : 2
    const error = toLmzError(thrown, 'lmz failed')
    terminal.error(error)
    return exitCodeOf(error)
  } finally {
    terminal.flush()
  }
}

const exitCode = await main()
// stdout may be a pipe that is still being read; leaving the loop to run dry would wait for idle worker threads.
process.stdout.write('', () => process.exit(exitCode))
