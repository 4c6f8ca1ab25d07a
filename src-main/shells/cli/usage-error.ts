import type { Command, CommanderError } from 'commander'
import { LmzError } from '../../contract/error'

/**
 * What commander has to say about wrong usage, as an error of ours: "Unknown option '--bad'. See: lmz list --help".
 * Requests for help or the version, which commander ends by throwing too, pass through.
 */
export function throwUsageError(command: Command, error: CommanderError): never {
  if (error.code === 'commander.version' || error.code.startsWith('commander.help')) throw error
  const path = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`
  throw new LmzError('Usage', `${sentence(error)} See: ${path} --help`, { cause: error })
}

function sentence({ code, message }: CommanderError): string {
  const plain = message.replace(/^error: /, '').replace('\n(', ' (')
  // Behind the colon stands every argument there was, and a shell may have made thousands of a pattern.
  const short =
    code === 'commander.excessArguments' ? plain.replace(/:.*$/s, ', perhaps from a * outside of quotes') : plain
  const full = `${short.charAt(0).toUpperCase()}${short.slice(1)}${/[.)]$/.test(short) ? '' : '.'}`
  return code === 'commander.unknownOption' ? `${full} A name that begins with - goes behind a --.` : full
}
