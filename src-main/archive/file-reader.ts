import { LmzError } from '../contract/error'
import type { Archive } from './archive'
import { blockRanges } from './read-file'
import { RecentBytes } from './recent-bytes'
import { WorkerPool } from './workers/worker-pool'

/** Raw bytes of blocks that are kept for what is asked for next. */
const mostKept = 16 * 1024 * 1024
/** A thread with its model takes a hundred megabytes, which nobody needs who has stopped looking into files. */
const idleMs = 30_000

/** Decodes blocks of open archives for looking into files, in a thread of its own: whoever asks can answer others meanwhile. */
export class DecodingThread {
  #pool: WorkerPool | undefined
  #busy = 0
  #idle: NodeJS.Timeout | undefined

  /** @throws LmzError as Archive.readBlock, and `Cancelled` after {@link close} */
  async decode(archive: Archive, block: number): Promise<Uint8Array> {
    clearTimeout(this.#idle)
    this.#pool ??= new WorkerPool(1)
    this.#busy++
    try {
      const pool = this.#pool
      return await archive.withBlock(archive.index.block(block), (input) => pool.run('decode', input))
    } finally {
      this.#busy--
      if (this.#busy === 0) this.#idle = setTimeout(() => void this.close(), idleMs).unref()
    }
  }

  /** Ends the thread; the next call starts another. */
  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const pool = this.#pool
    this.#pool = undefined
    await pool?.close()
  }
}

/** Reads parts of the files of one archive. */
export class FileReader {
  readonly #archive: Archive
  readonly #thread: DecodingThread
  readonly #kept = new RecentBytes<number, Uint8Array>(mostKept)
  readonly #underWay = new Map<number, Promise<Uint8Array>>()
  #isClosed = false

  constructor(archive: Archive, thread: DecodingThread) {
    this.#archive = archive
    this.#thread = thread
  }

  /**
   * A part of a file: at most `length` bytes from `offset` on, fewer at the file's end. Only blocks that hold some of it are decoded.
   * @throws LmzError `Usage` for an entry without content and once the reader is closed, `NotFound`, `Corrupt`
   */
  async read(entryId: number, offset: number, length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (const { block, from, to } of [...blockRanges(this.#archive, entryId, offset, length)]) {
      if (this.#isClosed) throw new LmzError('Usage', 'The archive is no longer open.')
      parts.push((await this.#block(block)).subarray(from, to))
    }
    return Buffer.concat(parts)
  }

  /** Resolves when no thread reads the archive's file any more, so that it can be closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#underWay.values())
  }

  #block(id: number): Promise<Uint8Array> | Uint8Array {
    const kept = this.#kept.find(id)
    if (kept !== undefined) return kept
    const underWay = this.#underWay.get(id)
    if (underWay !== undefined) return underWay
    const decoding = this.#thread
      .decode(this.#archive, id)
      .then((raw) => this.#kept.keep(id, raw))
      .finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, decoding)
    return decoding
  }
}
