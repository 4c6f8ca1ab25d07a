import { LmzError } from '../contract/error'
import type { PackReport } from '../contract/report'
import { nameFault } from '../index/rules'
import { amendArchive } from './amend'
import { packIndex } from './index-frame'
import { JobControl, type JobOptions } from './job-control'
import { protectionFor } from './protection/protection-for'
import { displayPath, findEntry } from './selection'
import { settingsOf } from './settings'
import type { Storage } from './storage'

/**
 * Gives an entry another name in its folder, as one more commit: nothing but the index is written, and the earlier state stays
 * readable until then.
 * @param entryPath such as "docs/readme.md"
 * @param name one path component
 * @throws LmzError `NotFound` for a path that is not there, `UnsafePath` for what is no name, `Collision` if there is another entry of
 *   that name, `Busy`, `Corrupt` for an archive that must be salvaged first, `NoSpace`, `Io`, `Cancelled`
 */
export async function renameInArchive(
  path: string,
  entryPath: string,
  name: string,
  options: JobOptions = {},
  storage?: Storage,
): Promise<PackReport> {
  const reason = nameFault(name)
  if (reason !== undefined) {
    const fault = reason.replace(/^its name/, 'the new name')
    throw new LmzError('UnsafePath', `${entryPath} was not renamed: ${fault}.`, { subject: entryPath })
  }
  const control = new JobControl(options)
  return amendArchive(path, { control, action: 'Cannot rename in', storage }, async ({ archive, index, writer }) => {
    const entry = findEntry(archive, entryPath)
    if (entry.name !== name && index.entryAt(entry.parent, name) !== undefined) {
      const shown = displayPath(archive, entry.id)
      const message = `${shown} was not renamed: there is another ${name} in the same folder.`
      throw new LmzError('Collision', message, { subject: shown })
    }
    // Its exact bytes on the disk it came from belonged to the old name.
    index.updateEntry(entry.id, { name, rawName: undefined })
    await control.checkpoint()
    control.progress({ phase: 'finish', entries: 1, entriesTotal: 1, bytes: 0 }, true)
    const frame = await packIndex(index)
    try {
      control.throwIfCancelled()
      await writer.commit(frame, protectionFor(settingsOf(archive), control))
    } finally {
      await frame.dispose()
    }
  })
}
