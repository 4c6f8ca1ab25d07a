import type { Page } from '../../contract/engine-api'
import { LmzError } from '../../contract/error'
import type {
  ArchiveAccount,
  BlockContest,
  BlockPage,
  BlockSizeTrial,
  ByteForecast,
  FileAccount,
  SurpriseMap,
  SurpriseModel,
} from '../../contract/insight'
import type { Archive } from '../archive'
import { blockRanges } from '../read-file'
import { RecentBytes } from '../recent-bytes'
import type { ArchiveRows } from '../rows/archive-rows'
import { WorkerPool } from '../workers/worker-pool'
import { accountOf } from './account'
import { blockSample } from './block-sample'
import { tryBlockSize } from './block-size-trial'
import { contest } from './contest'
import { blockAccount, fileAccount } from './file-account'
import { forecastOf } from './forecast'
import type { MeasuredBlock } from './measure-block'

/** Raw bytes of blocks that were measured; with their costs, five times as much is kept. */
const mostKept = 16 * 1024 * 1024
/** A thread with its models takes some hundred megabytes. */
const idleMs = 30_000

/**
 * What an open archive's bytes are spent on and what its models know of each. What takes time is done by worker threads, which are
 * there while they are needed; {@link stop} ends them at once.
 */
export class ArchiveInsight {
  readonly #archive: Archive
  readonly #rows: ArchiveRows
  /** By block, and model where one was asked for. */
  readonly #measured = new RecentBytes<string, MeasuredBlock>(mostKept)
  readonly #measuring = new Map<string, Promise<MeasuredBlock>>()
  #pool: WorkerPool | undefined
  #busy = 0
  #idle: NodeJS.Timeout | undefined
  #isClosed = false
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(archive: Archive, rows: ArchiveRows) {
    this.#archive = archive
    this.#rows = rows
  }

  /** See {@link accountOf}. @throws LmzError `Format`, `Io`, `ModelMissing` */
  account(): Promise<ArchiveAccount> {
    return this.#rows.overTable((table) => accountOf(this.#archive, table))
  }

  /** See {@link fileAccount}. */
  async fileAccount(entry: number): Promise<FileAccount> {
    return fileAccount(this.#archive, entry, await this.#rows.storedBytesOf(entry))
  }

  /** Blocks in the order of the archive. */
  blocks({ offset, limit }: Page): BlockPage {
    const { index } = this.#archive
    const blocks = []
    let passed = 0
    for (const block of index.blocks()) {
      if (passed++ < offset) continue
      if (blocks.length >= limit) break
      blocks.push(blockAccount(block))
    }
    return { total: index.totals().blocks, blocks }
  }

  /** See {@link blockSample}. */
  blockSample(most: number): readonly number[] {
    return blockSample(this.#archive.index, most)
  }

  /** See {@link contest}. */
  contest(block: number): Promise<BlockContest> {
    return this.#withPool((pool) => contest(this.#archive, block, pool))
  }

  /** See {@link tryBlockSize}. */
  tryBlockSize(blockSize: number, sampleBytes: number): Promise<BlockSizeTrial> {
    return this.#withPool((pool) => tryBlockSize(this.#archive, blockSize, { sampleBytes, pool }))
  }

  /**
   * What the bytes of a file cost from an offset on, to the end of the block there at most.
   * @throws LmzError `Usage` for an entry that is no file or an offset behind its end, and as decoding does
   */
  async surprise(entry: number, offset: number, length: number, asked?: SurpriseModel): Promise<SurpriseMap> {
    const { block: id, from, to } = this.#placeOf(entry, offset, length)
    const { bytes, milliBits, model, basis, transform, blockBits } = await this.#measure(id, asked)
    const block = blockAccount(this.#archive.index.block(id))
    const overhead = basis === 'stored' ? { overheadBits: block.storedBytes * 8 - blockBits } : {}
    const stretch = { offset, bytes: bytes.slice(from, to), milliBits: milliBits.slice(from, to) }
    return { ...stretch, model, basis, transform, block, blockBits, ...overhead }
  }

  /** What was held likely at a byte of a file. @throws LmzError as {@link surprise} */
  async forecast(entry: number, offset: number, most: number, model?: SurpriseModel): Promise<ByteForecast> {
    const { block: id, from } = this.#placeOf(entry, offset, 1)
    const raw = await this.#rawBytes(id, model)
    const block = this.#archive.index.block(id)
    const chances = await this.#withPool((pool) =>
      this.#archive.withBlock(block, (input) => pool.run('forecast', { ...input, raw, offset: from, model })),
    )
    return forecastOf(chances, { offset, actual: raw[from] ?? 0, most })
  }

  /** Breaks off whatever worker threads are at; it fails with `Cancelled`. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle)
    const pool = this.#pool
    this.#pool = undefined
    await pool?.close()
  }

  /** Resolves when no thread reads the archive's file any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.stop()
    await Promise.allSettled(this.#underWay)
  }

  /** The block that a byte of a file lies in, and the stretch there. */
  #placeOf(entry: number, offset: number, length: number) {
    const { index, name } = this.#archive
    if (index.entry(entry) === undefined) throw new LmzError('NotFound', `There is no entry ${entry} in ${name}.`)
    for (const range of blockRanges(this.#archive, entry, offset, Math.max(1, length))) return range
    throw new LmzError('Usage', `The file has no byte ${offset}.`)
  }

  async #rawBytes(id: number, model: SurpriseModel | undefined): Promise<Uint8Array> {
    const known = this.#measured.find(keyOf(id, model))
    if (known !== undefined) return known.bytes
    const block = this.#archive.index.block(id)
    return this.#withPool((pool) => this.#archive.withBlock(block, (input) => pool.run('decode', input)))
  }

  /** Blocks are measured as a whole, once for all stretches of them that are asked for. */
  #measure(id: number, model: SurpriseModel | undefined): Promise<MeasuredBlock> | MeasuredBlock {
    const key = keyOf(id, model)
    const known = this.#measured.find(key) ?? this.#measuring.get(key)
    if (known !== undefined) return known
    const block = this.#archive.index.block(id)
    const measuring = this.#withPool((pool) =>
      this.#archive.withBlock(block, (input) => pool.run('measureBlock', { ...input, model })),
    ).then((measured) => this.#measured.keep(key, measured))
    this.#measuring.set(key, measuring)
    const forget = (): void => void this.#measuring.delete(key)
    measuring.then(forget, forget)
    return measuring
  }

  async #withPool<Result>(work: (pool: WorkerPool) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new LmzError('Usage', 'The archive is no longer open.')
    clearTimeout(this.#idle)
    this.#pool ??= new WorkerPool()
    this.#busy++
    const result = work(this.#pool)
    this.#underWay.add(result)
    try {
      return await result
    } finally {
      this.#underWay.delete(result)
      this.#busy--
      if (this.#busy === 0) this.#idle = setTimeout(() => void this.stop(), idleMs).unref()
    }
  }
}

function keyOf(block: number, model: SurpriseModel | undefined): string {
  return `${block} ${model ?? ''}`
}
