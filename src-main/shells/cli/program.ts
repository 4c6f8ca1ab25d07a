import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { LmzError } from '../../contract/error'
import { presetNames } from '../../contract/preset'
import { passwordChanges } from '../../contract/password'
import { protectionLevels } from '../../contract/protection'
import { overwritePolicies } from '../../contract/question'
import { version } from '../../contract/version'
import { benchCommand } from './commands/bench'
import { catCommand, findCommand, infoCommand, listCommand } from './commands/browse'
import { explainCommand } from './commands/explain'
import { addCommand, compactCommand, createCommand, removeCommand, renameCommand } from './commands/pack'
import { passwordCommand } from './commands/password'
import { protectCommand, repairCommand } from './commands/protect'
import { tensorsCommand } from './commands/tensors'
import { extractCommand, salvageCommand, verifyCommand } from './commands/unpack'
import type { serveCommand } from './commands/serve'
import type { CommandContext } from './context'
import { parseBlockSize, parseNumberLimit, parseSizeLimit } from './parse-size'
import { throwUsageError } from './usage-error'

const exitCodeHelp = `
Exit codes:
  0    done
  1    done, but some entries had problems; each was named
  2    wrong usage, or something that was named does not exist
  3    the archive is damaged, or is not an archive
  4    refused for safety or limits, or by the system; nothing was changed
  130  cancelled; nothing was changed`

const limitsHelp = `
Without limits of your own, an archive of any size may hold 16 GiB, a million entries and a day of decoding,
and a large one more, in proportion. What is over a limit is not begun. "none" lifts one.`

/** The command line's grammar; what each command does is in commands/. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('lmz')
    .description('Archives that are small and give any single file back at once.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show what a command does')
    .option('--json', 'print events as JSON lines, the result last')
    .addHelpText('after', exitCodeHelp)
    // Errors are told by the terminal, like all others.
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${argumentsOf(command)}`.trimEnd() })
    .hook('preAction', (_program, command) => refuseEmptyArguments(command))

  // Arguments come in the order of the grammar, options last; the grammar has checked them.
  const run =
    <Parameters extends unknown[]>(command: (context: CommandContext, ...parameters: Parameters) => Promise<void>) =>
    (...parameters: Parameters) =>
      command(context, ...parameters)

  const packing = (command: Command): Command =>
    command
      .addOption(new Option('--preset <name>', 'how much work to spend').choices(presetNames))
      .option(
        '--block-size <size>',
        'raw bytes of a block, 64KiB to 16MiB; large is small, but slow to open',
        parseBlockSize,
      )
      .option('--exclude <glob>', 'leave out what matches by name or path; may be repeated', collect)
      .option('--comment <text>', 'a remark kept in the archive')

  const withPassword = (command: Command): Command =>
    command
      .option('--password-file <file>', 'the password is the content of this file, without the end of its last line')
      .option('--password-env <name>', 'the password is in this environment variable')

  const opening = (command: Command): Command =>
    withPassword(command).addOption(
      new Option(
        '--allow-costly-password',
        'try the password though the archive asks for much memory or time to do so',
      ).hideHelp(),
    )

  withPassword(packing(program.command('create <archive> <path...>')))
    .description('make a new archive of files and folders')
    .option('--password', 'encrypt it, and ask for the password')
    .option('--replace', 'replace an archive that is there already, once the new one is complete')
    .addOption(
      new Option('--protect <level>', 'make it repairable when it is damaged; --protect alone is normal').choices(
        protectionLevels,
      ),
    )
    .option('--estimate', 'write nothing; tell about how large the archive would be, and how long it would take')
    .action(run(createCommand))

  opening(packing(program.command('add <archive> <path...>')))
    .description('add files and folders; entries of the same path are replaced')
    .option('--into <folder>', 'add to this folder of the archive')
    .action(run(addCommand))

  opening(program.command('remove <archive> <entry...>'))
    .description('remove entries, and everything below them')
    .action(run(removeCommand))

  opening(program.command('rename <archive> <entry> <name>'))
    .description('give an entry another name in its folder')
    .action(run(renameCommand))

  opening(program.command('compact <archive>'))
    .description('rewrite an archive without what earlier changes left behind')
    .action(run(compactCommand))

  opening(program.command('list <archive> [folder]'))
    .description('show what is in an archive, or in one of its folders')
    .option('-r, --recursive', 'with everything below')
    .option('-l, --long', 'with mode, size and time')
    .action(run(listCommand))

  opening(program.command('find <archive> <pattern>'))
    .description('find entries by a part of their name, or by a pattern with * and ?')
    .action(run(findCommand))

  opening(program.command('extract <archive> [entry...]'))
    .description('take out everything, or single files and folders')
    .option('-C, --directory <folder>', 'where to', nonEmpty, '.')
    .addOption(
      new Option('--overwrite <policy>', 'what to do about files that exist; ask skips them where nobody can answer')
        .choices(overwritePolicies)
        .default('ask'),
    )
    .option('--no-smart', 'put several top-level items side by side, not into a folder named after the archive')
    .addOption(
      new Option('--links <policy>', 'which symlinks to make; safe are those that stay inside of what is extracted')
        .choices(['safe', 'all', 'none'])
        .default('safe'),
    )
    .option('--limit-size <size>', 'the most that all files may come to, such as 500GB', parseSizeLimit)
    .option('--limit-entries <number>', 'the most files, folders and links', parseNumberLimit)
    .option('--limit-hours <number>', 'the most hours of one core that decoding may take', parseNumberLimit)
    .addHelpText('after', limitsHelp)
    .action(run(extractCommand))

  opening(program.command('cat <archive> <entry>'))
    .description('print one file, or one tensor of it')
    .option('--tensor <name>', 'print the bytes of this tensor alone; only the blocks it lies in are read')
    .option('--npy', 'print the tensor as an .npy file')
    .action(run(catCommand))

  opening(program.command('tensors <archive> [entry]'))
    .description('show the tensors of a file, or which files have some')
    .option('--entropy', 'read them, and show the entropy of their exponents in bits')
    .action(run(tensorsCommand))

  opening(program.command('verify <archive>')).description('check every byte of an archive').action(run(verifyCommand))

  opening(program.command('protect <archive>'))
    .description('make an archive repairable when it is damaged, and keep it so through later changes')
    .addOption(
      new Option('--level <level>', 'how much damage it survives, for about 3, 6 or 13 % of its size').choices(
        protectionLevels,
      ),
    )
    .action(run(protectCommand))

  opening(program.command('repair <damaged> <archive>'))
    .description('write a whole copy of a damaged archive that is protected')
    .action(run(repairCommand))

  opening(program.command('salvage <damaged> <archive>'))
    .description('copy what is still whole in a damaged archive to a new one')
    .action(run(salvageCommand))

  opening(program.command('info <archive>')).description('show sizes, codecs and history').action(run(infoCommand))

  opening(program.command('explain <path> [entry]'))
    .description('show where the bits of an archive or of a file in it go, or what lmz would make of any file')
    .option('--blocks', 'of an archive: code some blocks with every codec, and in blocks of other sizes')
    .option('--map', 'of a file: its bytes, coloured by the bits that each costs')
    .option('--at <offset>', 'where in an entry of an archive to begin', parseOffset)
    .action(run(explainCommand))

  opening(
    program
      .command('password')
      .argument('<archive>')
      .addArgument(new Argument('<what>', 'change, add or remove').choices(passwordChanges)),
  )
    .description('change the password of an encrypted archive, add another, or remove the one that is given')
    .option('--new-password-file <file>', 'the new password is the content of this file')
    .option('--new-password-env <name>', 'the new password is in this environment variable')
    .action(run(passwordCommand))

  program
    .command('bench [path]')
    .description('measure ratio and speed of the presets on a file or folder')
    .action(run(benchCommand))

  program
    .command('serve [path...]')
    .description('show the window in a browser of this computer, and open archives or pack files in it')
    .option('--no-browser', 'print an address instead of starting a browser')
    .option('--port <number>', 'listen on this port, instead of any that is free', parsePort, 0)
    // Everything else starts without a web server in memory.
    .action(
      run(async (...parameters: Parameters<typeof serveCommand>) => {
        const commands = await import('./commands/serve')
        await commands.serveCommand(...parameters)
      }),
    )

  // --json is the program's own option, but people write it behind the verb.
  for (const command of program.commands) command.addOption(new Option('--json').hideHelp())
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => throwUsageError(command, error))
  }
  return program
}

function argumentsOf(command: Command): string {
  return command.usage().replace(/^\[options\] ?/, '')
}

/** An empty argument is what is left of an unset shell variable; taken for a path, it would be the current folder. */
function refuseEmptyArguments(command: Command): void {
  if (command.args.includes('')) throw new LmzError('Usage', 'An argument is empty where a path or name is wanted.')
}

function nonEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty.')
  return value
}

function parseOffset(value: string): number {
  const offset = Number(value)
  if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(offset))
    throw new InvalidArgumentError('It is no number of bytes.')
  return offset
}

function parsePort(value: string): number {
  const port = Number(value)
  if (!/^\d{1,5}$/.test(value) || port < 1 || port > 65_535) throw new InvalidArgumentError('A port is 1 to 65535.')
  return port
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, nonEmpty(value)]
}
