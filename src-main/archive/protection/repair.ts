import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { isDamage, LmzError, toLmzError } from '../../contract/error'
import type { RepairReport } from '../../contract/report'
import {
  encodeFooter,
  type Footer,
  footerHash,
  footerLength,
  isEncrypted,
  isRepeatOf,
  readFooter,
} from '../../format/footer'
import { encodeFrameHeader, frameHeaderLength } from '../../format/frame'
import { type FrameSource, readFrame, readFrameHeader } from '../../format/frame-reader'
import { findLastFooter } from '../../format/scan'
import { Archive } from '../archive'
import { JobControl, type JobOptions } from '../job-control'
import { keepMark } from '../keep-mark'
import { type ArchiveSink, type ArchiveSource, diskStorage, type Storage, unfinishedPath } from '../storage'
import { verifyArchive } from '../verify'
import { HealedView } from './healed-view'
import type { Healer } from './healer'
import { checkProtection } from './health'
import type { RunHealer } from './run-healer'
import { protectArchive } from './protect'
import { writeRun } from './write-run'

const pieceLength = 1024 * 1024

/**
 * Writes what a damaged archive was to a new file: covered bytes as they are healed, parity computed anew, and the second index and footer
 * behind it. Of an archive whose damage could all be undone, it is the same byte for byte, but for a last footer that was lost.
 * The new archive is checked before it gets its name.
 *
 * @throws LmzError `Collision` if something is at the target, `Usage` for an archive without parity, `Format` for parity that describes
 *   what cannot be, `Corrupt` if not even a list of files is left, `NoSpace`, `Io`, `Cancelled`
 */
export async function repairArchive(
  damaged: string,
  target: string,
  options: JobOptions = {},
  storage: Storage = diskStorage,
): Promise<RepairReport> {
  const control = new JobControl(options)
  if (existsSync(target)) {
    throw new LmzError('Collision', `${basename(target)} already exists. Choose another name.`, { subject: target })
  }
  const archive = await Archive.open(damaged, storage, control.unlock)
  try {
    const health = await checkProtection(archive, control)
    const { healer } = archive.repairs
    if (health === undefined || healer === undefined) throw notProtected(archive, control)
    const path = unfinishedPath(target)
    const masterKey = archive.encryption?.masterKey
    let isProtected = true
    const { archiveBytes, files, lostFiles } = await withNewFile(path, storage, async (sink) => {
      const source = storage.openSource(damaged)
      try {
        isProtected = await new Rewriting({ archive, source, healer, sink, path, storage, control }).run()
      } finally {
        source.close()
      }
      await sink.sync()
      if (!isProtected) await protectArchive(path, { signal: control.signal, masterKey }, storage)
      const check = await verifyArchive(
        path,
        { signal: control.signal, masterKey, onProblem: (problem) => control.problem(problem) },
        storage,
      )
      await storage.renameNew(path, target)
      keepMark(damaged, target, control)
      return { archiveBytes: statSync(target).size, files: check.files, lostFiles: check.damagedFiles }
    })
    return { target, files, lostFiles, archiveBytes, health, problems: control.problems, notices: control.notices }
  } catch (cause) {
    throw toLmzError(cause, `Cannot repair ${archive.name}`, damaged)
  } finally {
    archive.close()
  }
}

function notProtected({ name, path }: Archive, control: JobControl): LmzError {
  const [because = `${name} is not protected, so nothing of it can be computed anew.`] = control.notices
  return new LmzError('Usage', `${because} lmz salvage ${name} <new archive> copies what is whole.`, { subject: path })
}

async function withNewFile<Result>(
  path: string,
  storage: Storage,
  write: (sink: ArchiveSink) => Promise<Result>,
): Promise<Result> {
  const sink = await storage.createSink(path)
  try {
    return await write(sink)
  } catch (cause) {
    await storage.remove(path).catch(() => undefined)
    throw cause
  } finally {
    await sink.close().catch(() => undefined)
  }
}

interface RewritingParts {
  readonly archive: Archive
  /** The damaged file. */
  readonly source: ArchiveSource
  readonly healer: Healer
  readonly sink: ArchiveSink
  /** Of the new file. */
  readonly path: string
  readonly storage: Storage
  readonly control: JobControl
}

class Rewriting {
  readonly #parts: RewritingParts
  readonly #view: HealedView

  constructor(parts: RewritingParts) {
    this.#parts = parts
    this.#view = new HealedView(parts.source, parts.healer)
  }

  /** @returns false if the newest parity is still to be written: of an encrypted archive, that takes its keys */
  async run(): Promise<boolean> {
    const { healer, sink } = this.#parts
    for (const one of healer.runs) {
      await this.#copy(one.run.description.position)
      const hasLost = [...one.states().values()].some(({ kind }) => kind === 'lost')
      if (!hasLost && one === healer.runs.at(-1) && this.#hasLostSealedTail(one)) return false
      // Parity of what is lost would make it pass for whole.
      if (hasLost) await this.#copy(one.run.end)
      else await this.#writeParity(one)
    }
    const isWritten = await this.#writeSecondIndex()
    // What follows then without a commit is what a failed writer left, or what was torn.
    if (!isWritten || this.#hasLaterCommit(sink.position)) await this.#copy(this.#view.size)
    return true
  }

  /** Whether an encrypted archive has lost the index or footer behind its newest parity: nobody can write the same again. */
  #hasLostSealedTail({ run }: RunHealer): boolean {
    const last = findLastFooter(this.#view)
    if (last === undefined || !isEncrypted(last)) return false
    return last.position < run.end || !isWholeFrame(this.#parts.archive.source, last.index.position)
  }

  /** Copies from where the new file ends up to a position. */
  async #copy(end: number): Promise<void> {
    const { sink, control } = this.#parts
    const bytesTotal = this.#view.size
    while (sink.position < end) {
      await control.checkpoint()
      await sink.append(this.#view.read(sink.position, Math.min(pieceLength, end - sink.position)))
      control.progress({ phase: 'work', entries: 0, bytes: sink.position, bytesTotal })
    }
  }

  async #writeParity({ run }: RunHealer): Promise<void> {
    const { sink, path, storage, control } = this.#parts
    const source = storage.openSource(path)
    try {
      const footer = findLastFooter(source, run.description.position)
      const commit = (footer?.sequence ?? 0) + 1
      await writeRun(sink, { run, source, commit, storage, path, onCovered: () => control.checkpoint() })
    } finally {
      source.close()
    }
  }

  /**
   * Behind the newest parity, the index is written again and the footer that names both.
   * @returns false if something else follows there, which is not covered
   */
  async #writeSecondIndex(): Promise<boolean> {
    const { healer, sink, path, storage } = this.#parts
    const run = healer.runs.at(-1)?.run
    if (run === undefined) return false
    const source = storage.openSource(path)
    try {
      const first = findLastFooter(source, run.description.position)
      if (first === undefined) return false
      const position = run.end + first.index.length
      const own = this.#footerAt(position)
      if (own === undefined && this.#hasLaterCommit(run.end)) return false
      if (own !== undefined && !isRepeatOf(own, first)) return false
      // Only what is stored plainly can be written again from its copy.
      if (isEncrypted(first)) return false
      const header = readFrameHeader(source, first.index.position)
      await sink.append(encodeFrameHeader({ ...header, id: first.sequence + 1 }))
      const payload = first.index.position + frameHeaderLength
      for (let at = payload; at < payload + header.storedLength; at += pieceLength) {
        await sink.append(source.read(at, Math.min(pieceLength, payload + header.storedLength - at)))
      }
      const footer: Footer = own ?? {
        ...first,
        sequence: first.sequence + 1,
        index: { ...first.index, position: run.end },
        previous: { position: first.position, hash: footerHash(first) },
        position,
        parity: { position: run.description.position, length: run.end - run.description.position, hash: run.hash },
      }
      await sink.append(encodeFooter(footer))
      return true
    } finally {
      source.close()
    }
  }

  #footerAt(position: number): Footer | undefined {
    return position + footerLength > this.#view.size ? undefined : readFooter(this.#view, position)
  }

  #hasLaterCommit(from: number): boolean {
    const last = findLastFooter(this.#view)
    return last !== undefined && last.position >= from
  }
}

function isWholeFrame(source: FrameSource, position: number): boolean {
  try {
    for (const piece of readFrame(source, position).payloadPieces()) if (piece.length === 0) return false
    return true
  } catch (cause) {
    if (isDamage(cause)) return false
    throw cause
  }
}
