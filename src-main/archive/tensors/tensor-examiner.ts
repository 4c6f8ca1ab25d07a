import { LmzError } from '../../contract/error'
import type { EffectiveRank, TensorPage, TensorStatistics } from '../../contract/tensor'
import type { Archive } from '../archive'
import type { FileReader } from '../file-reader'
import { WorkerPool } from '../workers/worker-pool'
import { matrixSides } from './effective-rank'
import { gatherTensor } from './tensor-bytes'
import { TensorTable } from './tensor-table'

/** A thread with its model takes a hundred megabytes, which nobody needs who looks at something else. */
const idleMs = 30_000

/** Looks into the tensors of one open archive, in a thread of its own that can be stopped. */
export class TensorExaminer {
  readonly #archive: Archive
  readonly #files: FileReader
  #lastTable: { readonly entry: number; readonly table: Promise<TensorTable | undefined> } | undefined
  #pool: WorkerPool | undefined
  #busy = 0
  #idle: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(archive: Archive, files: FileReader) {
    this.#archive = archive
    this.#files = files
  }

  /** @throws LmzError as FileReader.read */
  async page(entry: number, offset: number, limit: number): Promise<TensorPage | undefined> {
    return (await this.#table(entry))?.page(offset, limit)
  }

  /** @throws LmzError `Usage` for a tensor that is not there, `Unsupported`, `Corrupt`, `Cancelled` after {@link stop} */
  async statistics(entry: number, number: number): Promise<TensorStatistics> {
    const { table, tensor } = await this.#find(entry, number)
    return this.#inThread(async (pool) => {
      const bytes = await gatherTensor(table, tensor, (block) => this.#decode(pool, block))
      const { type, isBigEndian = false } = tensor
      return pool.run('valueStatistics', { type, bytes: bytes.buffer, isBigEndian })
    })
  }

  /** @throws LmzError as {@link statistics} */
  async effectiveRank(entry: number, number: number): Promise<EffectiveRank> {
    const { table, tensor } = await this.#find(entry, number)
    const { type, shape, isBigEndian = false, isColumnMajor = false } = tensor
    matrixSides(shape)
    return this.#inThread(async (pool) => {
      const bytes = await gatherTensor(table, tensor, (block) => this.#decode(pool, block))
      return pool.run('effectiveRank', { type, shape, bytes: bytes.buffer, isBigEndian, isColumnMajor })
    })
  }

  /** Breaks off what is under way. Resolves when the thread has ended, and reads the archive's file no more. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle)
    const pool = this.#pool
    this.#pool = undefined
    await pool?.close()
  }

  /** As {@link stop}, for good. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.stop()
  }

  async #inThread<Result>(work: (pool: WorkerPool) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new LmzError('Usage', 'The archive is no longer open.')
    clearTimeout(this.#idle)
    const pool = (this.#pool ??= new WorkerPool(1))
    this.#busy++
    try {
      return await work(pool)
    } finally {
      this.#busy--
      if (this.#busy === 0) this.#idle = setTimeout(() => void this.stop(), idleMs).unref()
    }
  }

  #decode(pool: WorkerPool, block: number): Promise<Uint8Array> {
    return this.#archive.withBlock(this.#archive.index.block(block), (input) => pool.run('decode', input))
  }

  async #find(entry: number, number: number) {
    const table = await this.#table(entry)
    if (table === undefined) throw new LmzError('Usage', 'This file has no tensors.')
    return { table, tensor: table.tensor(number) }
  }

  #table(entry: number): Promise<TensorTable | undefined> {
    if (this.#lastTable?.entry === entry) return this.#lastTable.table
    const read = (offset: number, length: number) => this.#files.read(entry, offset, length)
    const table = TensorTable.openLater(this.#archive, entry, read)
    this.#lastTable = { entry, table }
    // What failed is tried again the next time.
    table.catch(() => {
      if (this.#lastTable?.table === table) this.#lastTable = undefined
    })
    return table
  }
}
