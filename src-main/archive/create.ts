import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { presets } from '../codecs/presets'
import { LmzError, toLmzError } from '../contract/error'
import type { StretchCost } from '../crypto/stretch'
import type { PresetName } from '../contract/preset'
import type { ProtectionLevel } from '../contract/protection'
import type { PackReport } from '../contract/report'
import { IndexWriter } from '../index/index-writer'
import { WriterLock } from '../index/writer-lock'
import { ArchiveWriter } from './archive-writer'
import { ChunkTable } from './packing/chunk-table'
import { ContentLedger } from './packing/content-ledger'
import { JobControl, type JobOptions } from './job-control'
import { enterLineage } from './encryption/lineage'
import { MasterKey } from './encryption/master-key'
import { packReport } from './pack-report'
import { packSources } from './packing/pack-sources'
import { creator, protectionSetting } from './settings'
import { diskStorage, removeUnfinished, type Storage } from './storage'

export interface CreateOptions extends JobOptions {
  /** `balanced` if not given. */
  readonly preset?: PresetName | undefined
  /** Raw bytes of a block, 64 KiB to 16 MiB; the preset's own if not given. */
  readonly blockSize?: number | undefined
  /** Glob patterns of what to leave out, see intake/exclude.ts. */
  readonly exclude?: readonly string[] | undefined
  readonly comment?: string | undefined
  /** Whether to look for primers: samples of the data that pay for being stored. Default true. */
  readonly primers?: boolean | undefined
  /** Whether it can be repaired when it is damaged, and how well; kept by all later changes. */
  readonly protection?: ProtectionLevel | undefined
  /** Whether the archive is encrypted: `password` or `askPassword` says with what. True if there is a `password`. */
  readonly encrypt?: boolean | undefined
  /** What one guess at its password is to cost; by default what takes a fifth of a second. */
  readonly stretchCost?: StretchCost | undefined
  /** Whether an archive that is already there may be replaced, once the new one is complete. */
  readonly replace?: boolean | undefined
}

/**
 * Makes a new archive of files and folders. It appears under its name only when it is complete and on the disk; until then,
 * and after any error, nothing is there but what was there before.
 *
 * @param target path of the new archive
 * @param paths what to add; see intake/roots.ts for the names they get
 * @returns what the archive holds; entries that could not be read are in `problems`, the rest is in the archive
 * @throws LmzError `Collision` if something is at the target, `NotFound` if a path does not exist, `NoSpace`, `Io`, `Busy`,
 *   `Cancelled`
 */
export async function createArchive(
  target: string,
  paths: readonly string[],
  options: CreateOptions = {},
  storage: Storage = diskStorage,
): Promise<PackReport> {
  const control = new JobControl(options)
  if (options.replace !== true && existsSync(target)) {
    const message = `${basename(target)} already exists. Nothing was changed. Add to it, or choose another name.`
    throw new LmzError('Collision', message, { subject: target })
  }
  refuseIfNoFile(target)
  const preset = options.preset ?? 'balanced'
  const { protection } = options
  const settings = { preset, blockSize: options.blockSize ?? presets[preset].blockSize, protection }
  const masterKey = await newMasterKey(target, options)
  const lock = WriterLock.acquire(target)
  try {
    removeUnfinished(lock.archivePath)
    const mayReplace = options.replace === true
    const writer = await ArchiveWriter.create(lock.archivePath, storage, { mayReplace, masterKey })
    const index = IndexWriter.create()
    try {
      index.setSetting('creator', creator)
      index.setSetting('preset', settings.preset)
      index.setSetting('blockSize', String(settings.blockSize))
      if (options.comment !== undefined) index.setSetting('comment', options.comment)
      if (protection !== undefined) index.setSetting(protectionSetting, protection)
      if (writer.encryption !== undefined) enterLineage(index, new Map(), writer.lineage)
      await packSources(
        {
          writer,
          index,
          settings,
          control,
          table: new ChunkTable(),
          ledger: new ContentLedger(index),
          primers: options.primers,
        },
        { roots: paths, exclude: options.exclude ?? [], skip: [lock.archivePath, lock.lockPath, writer.path] },
      )
    } catch (cause) {
      await writer.abort()
      throw toLmzError(cause, `Cannot make ${basename(target)}`, target)
    } finally {
      index.close()
    }
    return await packReport(lock.archivePath, control, writer.position, storage, masterKey)
  } finally {
    lock.release()
    masterKey?.forget()
  }
}

/** Only a file can be replaced: a folder would make the work of hours fail at its end, and a device or pipe would be gone. */
function refuseIfNoFile(target: string): void {
  const standing = existsSync(target) ? statSync(target, { throwIfNoEntry: false }) : undefined
  if (standing === undefined || standing.isFile()) return
  const what = standing.isDirectory() ? 'a folder' : 'no file'
  const message = `${basename(target)} is ${what}, and cannot be replaced by an archive. Nothing was changed.`
  throw new LmzError('Collision', message, { subject: target })
}

/** @returns undefined for an archive that is not to be encrypted */
async function newMasterKey(target: string, options: CreateOptions): Promise<MasterKey | undefined> {
  const { encrypt, password, askPassword } = options
  if (!(encrypt ?? password !== undefined)) return undefined
  const chosen = password ?? (await askPassword?.({ archive: basename(target), attempt: 1 }))
  if (chosen === undefined) throw new LmzError('Usage', 'An archive cannot be encrypted without a password.')
  return MasterKey.create(chosen, options.stretchCost)
}
