import { basename } from 'node:path'
import type { StretchCost } from '../../crypto/stretch'
import { LmzError, toLmzError } from '../../contract/error'
import type { PasswordChange } from '../../contract/password'
import type { PasswordReport } from '../../contract/report'
import { WriterLock } from '../../index/writer-lock'
import { Archive } from '../archive'
import { ArchiveWriter } from '../archive-writer'
import { JobControl, type JobOptions } from '../job-control'
import type { MasterKey } from './master-key'
import { Encryption } from './encryption'
import { diskStorage, removeUnfinished, type Storage } from '../storage'

export interface ChangePasswordsOptions extends JobOptions {
  readonly change: PasswordChange
  /** For `change` and `add`. */
  readonly newPassword?: string | undefined
  /** What one guess at the new password is to cost. */
  readonly stretchCost?: StretchCost | undefined
  /** Asked if there is no `newPassword`, once the old one was right. Throws to give up. */
  readonly askNewPassword?: (() => Promise<string>) | undefined
}

/**
 * Changes the password that an archive is opened with, adds another one, or takes the one away that is given, by a commit of its own:
 * less than 10 KB, and not a byte of what was stored before is touched. Copies of the archive that were made before, and the
 * earlier commits in this file, still open with the old password; `compact` leaves none of them.
 * @throws LmzError `Auth` if the password is missing or wrong, `Usage` for an archive that is not encrypted, for a new password that is
 *   none or opens it already, and for the removal of the only one; `Limit` for more than eight; `Busy`, `Corrupt`, `NoSpace`, `Io`, `Cancelled`
 */
export async function changePasswords(
  path: string,
  options: ChangePasswordsOptions,
  storage: Storage = diskStorage,
): Promise<PasswordReport> {
  const control = new JobControl(options)
  const lock = WriterLock.acquire(path)
  try {
    removeUnfinished(lock.archivePath)
    const archive = await Archive.open(lock.archivePath, storage, options)
    try {
      const { encryption, footer } = archive
      if (encryption === undefined) {
        const message = `${archive.name} is not encrypted. To encrypt what it holds: extract it, and lmz create --password.`
        throw new LmzError('Usage', message, { subject: path })
      }
      archive.refuseIfDegraded()
      if (footer === undefined) throw new TypeError('an archive that is not degraded has a footer')
      const masterKey = await changed(encryption.masterKey, options)
      control.throwIfCancelled()
      const next = new Encryption(masterKey, encryption.archiveId)
      const writer = await ArchiveWriter.append(lock.archivePath, storage, footer, next)
      try {
        await writer.commitKeySlots(footer.index)
      } catch (cause) {
        await writer.abort()
        throw toLmzError(cause, `Cannot change the passwords of ${basename(path)}`, path)
      } finally {
        next.forgetKeys()
      }
      const { problems } = control
      return { archive: lock.archivePath, passwords: masterKey.slots.length, problems, notices: archive.notices }
    } finally {
      archive.close()
    }
  } finally {
    lock.release()
  }
}

async function changed(masterKey: MasterKey, options: ChangePasswordsOptions): Promise<MasterKey> {
  if (options.change === 'remove') return masterKey.withoutOwnPassword()
  const password = options.newPassword ?? (await options.askNewPassword?.())
  if (password === undefined) throw new LmzError('Usage', 'There is no new password. Nothing was changed.')
  const { change, stretchCost } = options
  return change === 'add'
    ? masterKey.withPassword(password, stretchCost)
    : masterKey.withPasswordChanged(password, stretchCost)
}
