import { isDamage, LmzError } from '../../contract/error'
import type { Block } from '../../index/rows'
import type { Archive } from '../archive'
import { readHints } from '../block-reader'
import type { ChunkTable } from './chunk-table'
import type { ContentLedger } from './content-ledger'
import type { WorkerPool } from '../workers/worker-pool'

/** A block and the table number of its first chunk; the others follow. */
interface KnownBlock {
  readonly block: Block
  readonly firstNumber: number
}

/**
 * The chunks that earlier commits stored. Block trailers keep 64 bits of their hashes, enough to find equal data but not
 * to trust it: before a stored chunk stands in for new data, its block is decoded once and its chunks are hashed in full.
 */
export class StoredChunks {
  readonly #archive: Archive
  readonly #table: ChunkTable
  /** In order of numbers. */
  readonly #blocks: KnownBlock[] = []

  constructor(archive: Archive, table: ChunkTable, ledger: ContentLedger) {
    this.#archive = archive
    this.#table = table
    for (const block of archive.index.blocks()) {
      const hints = readHints(archive.source, block)
      if (hints.length !== block.chunkCount) continue
      this.#blocks.push({ block, firstNumber: table.count + 1 })
      hints.forEach((hint, at) => {
        ledger.knowStored(table.addHint(hint), block.firstChunk + at)
      })
    }
  }

  /**
   * Gives the table the full hashes of a chunk and of all others in its block. Those of a block that is damaged, or that this
   * lmz cannot decode, stay hints, and new data will not refer to them.
   * @returns whether the block could be read
   */
  async confirm(number: number, pool: WorkerPool): Promise<boolean> {
    const known = this.#blocks.findLast(({ firstNumber }) => firstNumber <= number)
    if (known === undefined) return false
    const { block, firstNumber } = known
    const { lengths } = this.#archive.index.chunkLengths(block.id)
    try {
      const hashes = await this.#archive.withBlock(block, (input) => pool.run('hashChunks', { ...input, lengths }))
      lengths.forEach((_length, at) => this.#table.confirm(firstNumber + at, hashes.subarray(at * 32, at * 32 + 32)))
      return true
    } catch (cause) {
      if (isDamage(cause) || isBeyond(cause)) return false
      throw cause
    }
  }
}

/** Whether a newer lmz, or one with all of its models, could read it. */
function isBeyond(thrown: unknown): boolean {
  return thrown instanceof LmzError && (thrown.code === 'Unsupported' || thrown.code === 'ModelMissing')
}
