import { readFileSync } from 'node:fs'
import { escapeForDisplay } from '../../contract/display-name'
import { LmzError, toLmzError } from '../../contract/error'
import type { PasswordOptions, PasswordQuestion } from '../../contract/password'
import { askSecret, hasTerminal } from './ask-secret'
import type { CommandContext } from './context'

/** Where a password comes from. Never from the command line itself, which every program of the computer can read. */
export interface PasswordFlags {
  readonly passwordFile?: string
  readonly passwordEnv?: string
  readonly allowCostlyPassword?: boolean
}

const mostAttempts = 3
/** Longer files are no passwords. */
const longestPassword = 64 * 1024

/** How commands that open an archive get its password: from a file or variable if one is named, else by asking at the terminal. */
export function passwordOf(context: CommandContext, flags: PasswordFlags): PasswordOptions {
  const { allowCostlyPassword } = flags
  const password = namedPassword(flags.passwordFile, flags.passwordEnv)
  return { password, allowCostlyPassword, askPassword: (question) => askPassword(context, question) }
}

/** How `create --password` gets the password of the new archive. */
export function newArchivePassword(context: CommandContext, flags: PasswordFlags): PasswordOptions {
  const password = namedPassword(flags.passwordFile, flags.passwordEnv)
  return { password, askPassword: () => askNewPassword(context) }
}

/**
 * Asks for a new password, twice.
 * @throws LmzError `Usage` where nobody can be asked or two answers never agree, `Cancelled`
 */
export async function askNewPassword({ terminal, signal }: CommandContext): Promise<string> {
  if (!hasTerminal()) {
    throw new LmzError('Usage', 'A new password is needed: --password-file, --password-env, or a terminal to ask at.')
  }
  terminal.clear()
  process.stderr.write('Nobody can open the archive without its password: keep it in a safe place.\n')
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const password = await askSecret('New password: ', signal)
    if (password === '') {
      process.stderr.write('It is empty.\n')
      continue
    }
    if ((await askSecret('Once more: ', signal)) === password) return password
    process.stderr.write('They are not the same.\n')
  }
  throw new LmzError('Usage', 'There is no new password. Nothing was changed.')
}

/** @returns undefined if neither is named */
export function namedPassword(file: string | undefined, variable: string | undefined): string | undefined {
  if (file !== undefined && variable !== undefined) {
    throw new LmzError('Usage', 'A password comes from a file or from a variable, not from both.')
  }
  const password = file === undefined ? fromVariable(variable) : fromFile(file)
  if (password === '') throw new LmzError('Usage', `The password in ${file ?? variable ?? ''} is empty.`)
  return password
}

async function askPassword(
  { terminal, signal }: CommandContext,
  { archive, attempt }: PasswordQuestion,
): Promise<string> {
  const name = escapeForDisplay(archive)
  const isMissing = (message: string): LmzError => new LmzError('Auth', message, { reason: 'password' })
  if (!hasTerminal()) {
    const advice = 'Name it with --password-file or --password-env, or run lmz at a terminal.'
    throw isMissing(`${name} is encrypted, and its password is missing. ${advice}`)
  }
  if (attempt > mostAttempts) throw isMissing(`That is not the password of ${name}. Nothing was read.`)
  terminal.clear()
  if (attempt > 1) process.stderr.write('That is not it.\n')
  return askSecret(`Password of ${name}: `, signal)
}

function fromFile(path: string): string {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > longestPassword) throw new LmzError('Usage', `${path} is too long for a password.`)
    // An editor ends its last line; no more of what is in the file is left out.
    const password = new TextDecoder('utf8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '')
    bytes.fill(0)
    return password
  } catch (cause) {
    if (cause instanceof TypeError) throw new LmzError('Usage', `The password in ${path} is not UTF-8.`)
    throw toLmzError(cause, `Cannot read the password in ${path}`, path)
  }
}

function fromVariable(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const password = process.env[name]
  if (password === undefined) throw new LmzError('Usage', `There is no environment variable ${name}.`)
  // Programs and threads that this one starts need not have it.
  Reflect.deleteProperty(process.env, name)
  return password
}
