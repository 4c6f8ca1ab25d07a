import { Command, InvalidArgumentError, Option } from 'commander'
import { presetNames } from '../../contract/preset'
import { overwritePolicies } from '../../contract/question'
import { version } from '../../contract/version'
import { benchCommand } from './commands/bench'
import { catCommand, findCommand, infoCommand, listCommand } from './commands/browse'
import { addCommand, compactCommand, createCommand, removeCommand } from './commands/pack'
import { extractCommand, salvageCommand, verifyCommand } from './commands/unpack'
import type { CommandContext } from './context'
import { parseBlockSize } from './parse-size'

/** The command line's grammar; what each command does is in commands/. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('lmz')
    .description('Archives that are small and give any single file back at once.')
    .version(version, '-V, --version')
    .option('--json', 'print events as JSON lines, the result last')
    .showHelpAfterError('(lmz --help lists the commands)')
    .exitOverride()

  const packing = (command: Command): Command =>
    command
      .addOption(new Option('--preset <name>', 'how much work to spend').choices(presetNames))
      .option('--block-size <size>', 'raw bytes of a block, 64KiB to 16MiB: larger is smaller, slower to open', parseBlockSize)
      .option('--exclude <glob>', 'leave out names or paths that match; may be repeated', collect, [])
      .option('--comment <text>', 'a remark kept in the archive')

  packing(program.command('create <archive> <path...>'))
    .description('make a new archive of files and folders')
    .option('--replace', 'replace an archive that is already there, when the new one is complete')
    .action((archive, paths, options) => createCommand(context, archive, paths, options))

  packing(program.command('add <archive> <path...>'))
    .description('add files and folders; those of the same path are replaced')
    .action((archive, paths, options) => addCommand(context, archive, paths, options))

  program
    .command('remove <archive> <entry...>')
    .description('remove entries, and everything below them')
    .action((archive, entries) => removeCommand(context, archive, entries))

  program
    .command('compact <archive>')
    .description('rewrite an archive without what earlier changes left behind')
    .action((archive) => compactCommand(context, archive))

  program
    .command('list <archive> [folder]')
    .description('show what is in an archive, or in one of its folders')
    .option('-r, --recursive', 'everything below, too')
    .option('-l, --long', 'with mode, size and time')
    .action((archive, folder, options) => listCommand(context, archive, folder, options))

  program
    .command('find <archive> <pattern>')
    .description('find entries by a part of their name, or by a pattern with * and ?')
    .action((archive, pattern) => findCommand(context, archive, pattern))

  program
    .command('extract <archive> [entry...]')
    .description('take out everything, or single files and folders')
    .option('-C, --directory <folder>', 'where to', '.')
    .addOption(new Option('--overwrite <policy>', 'for files that exist').choices(overwritePolicies).default('ask'))
    .option('--no-smart', 'never make a folder of the archive’s name for several top-level items')
    .addOption(new Option('--links <policy>', 'which symlinks to make').choices(['safe', 'all', 'none']).default('safe'))
    .action((archive, entries, options) => extractCommand(context, archive, entries, options))

  program
    .command('cat <archive> <entry>')
    .description('print one file')
    .action((archive, entry) => catCommand(context, archive, entry))

  program
    .command('verify <archive>')
    .description('check every byte of an archive')
    .action((archive) => verifyCommand(context, archive))

  program
    .command('salvage <damaged> <archive>')
    .description('copy what is still whole in a damaged archive to a new one')
    .action((damaged, archive) => salvageCommand(context, damaged, archive))

  program
    .command('info <archive>')
    .description('sizes, codecs and history')
    .action((archive) => infoCommand(context, archive))

  program
    .command('bench [path]')
    .description('measure ratio and speed of the presets on a file or folder')
    .action((path) => benchCommand(context, path))

  // --json is the program's own option, but people write it behind the verb.
  for (const command of program.commands) command.addOption(new Option('--json').hideHelp()).exitOverride()
  return program
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  if (value === '') throw new InvalidArgumentError('A pattern is wanted.')
  return [...previous, value]
}
