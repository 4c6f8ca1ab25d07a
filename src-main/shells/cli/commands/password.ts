import { resolve } from 'node:path'
import type { PasswordChange } from '../../../contract/password'
import type { CommandContext } from '../context'
import { askNewPassword, namedPassword, type PasswordFlags, passwordOf } from '../passwords'
import { runAndReport } from '../run-and-report'
import { counted, shownPath } from '../wording'

interface PasswordCommandOptions extends PasswordFlags {
  readonly newPasswordFile?: string
  readonly newPasswordEnv?: string
}

const done = { change: 'Changed the password', add: 'Added a password', remove: 'Removed the password' } as const

export async function passwordCommand(
  context: CommandContext,
  archive: string,
  change: PasswordChange,
  options: PasswordCommandOptions,
): Promise<void> {
  const request = { verb: 'password', archive: resolve(archive), change } as const
  const report = await runAndReport<'password'>(context, request, {
    ...passwordOf(context, options),
    newPassword: namedPassword(options.newPasswordFile, options.newPasswordEnv),
    askNewPassword: () => askNewPassword(context),
  })
  const name = shownPath(report.archive)
  const opens = report.passwords === 1 ? 'opens' : 'open'
  context.terminal.line(`${done[change]}: ${counted(report.passwords, 'password')} ${opens} ${name} now.`)
  if (change !== 'add') {
    context.terminal.line(
      `Copies made before still open with the old one; so do earlier states in ${name}, until lmz compact.`,
    )
  }
}
