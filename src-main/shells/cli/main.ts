import { CommanderError } from 'commander'
import { toLmzError } from '../../contract/error'
import { withLevels } from './bare-protect'
import { exitCodeOf, exitCodes } from './exit-code'
import { buildProgram } from './program'
import { stopSignal } from './stop-signal'
import { Terminal } from './terminal'

/** The `lmz` command. */
async function main(parameters: readonly string[]): Promise<number> {
  const namesFrom = parameters.indexOf('--')
  const isJson = parameters.slice(0, namesFrom < 0 ? undefined : namesFrom).includes('--json')
  const terminal = new Terminal({ isJson })
  let exitCode: number = exitCodes.done
  try {
    const setExitCode = (code: number): void => void (exitCode = Math.max(exitCode, code))
    await buildProgram({ terminal, signal: stopSignal(), setExitCode }).parseAsync(withLevels(parameters), {
      from: 'user',
    })
  } catch (thrown) {
    // Help and version have been printed; help that nobody asked for is the answer to a missing command.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage
    const error = toLmzError(thrown, 'lmz failed')
    terminal.error(error)
    exitCode = exitCodeOf(error)
  }
  await terminal.flush()
  const { failure } = terminal.output
  if (failure === undefined) return exitCode
  process.stderr.write(`lmz: ${failure.message}\n`)
  return Math.max(exitCode, exitCodeOf(failure))
}

// Letting the event loop run dry would wait for idle worker threads.
process.exit(await main(process.argv.slice(2)))
