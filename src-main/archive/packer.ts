import type { ContentKind } from '../contract/content-kind'
import { contentKinds } from '../contract/content-kind'
import type { IndexWriter } from '../index/index-writer'
import type { ArchiveWriter, StoredChunk } from './archive-writer'
import type { CandidateChoice, EncodeResult } from './tasks'
import type { WorkerPool } from './worker-pool'

/** A chunk placed in a block that is not stored yet. */
interface PlacedChunk extends StoredChunk {
  readonly number: number
}

interface OpenBlock {
  readonly kind: ContentKind
  readonly bytes: Uint8Array<SharedArrayBuffer>
  length: number
  chunks: PlacedChunk[]
}

interface EncodingBlock {
  readonly block: OpenBlock
  readonly result: Promise<EncodeResult>
}

export interface PackerOptions {
  readonly pool: WorkerPool
  readonly writer: ArchiveWriter
  readonly index: IndexWriter
  /** Raw bytes of a block at most; no chunk is larger. */
  readonly blockSize: number
  readonly candidates: readonly CandidateChoice[]
  /** Called when a block is in the archive: its chunk numbers have these consecutive chunk ids from `firstId` on. */
  readonly onStored: (numbers: readonly number[], firstId: number, rawLength: number) => void | Promise<void>
}

/** Keeps the account of a block small, and finding a place in it quick, where files have a few bytes each. */
const mostChunks = 16_384

/** Kinds whose remnants may share a last block: what models of one family compress. */
const families: readonly (readonly ContentKind[])[] = [
  ['text', 'code', 'structured'],
  ['executable', 'binary', 'image', 'tensor'],
  ['media', 'compressed'],
]

/**
 * Fills blocks with chunks of one kind each, has them encoded by the pool, and writes them in the order they were filled,
 * so that the same input gives the same archive. At most one block more than there are workers is being encoded;
 * beyond that, {@link add} waits: this is what bounds memory.
 */
export class Packer {
  readonly #options: PackerOptions
  readonly #open = new Map<ContentKind, OpenBlock>()
  readonly #encoding: EncodingBlock[] = []
  readonly #spare: Uint8Array<SharedArrayBuffer>[] = []
  #nextBlockId: number

  constructor(options: PackerOptions) {
    this.#options = options
    this.#nextBlockId = options.index.lastBlockId() + 1
  }

  /** The number for a block that the caller writes itself. */
  takeBlockId(): number {
    return this.#nextBlockId++
  }

  /** Places a chunk; its bytes are copied. */
  async add(
    kind: ContentKind,
    { number, hint }: { readonly number: number; readonly hint: bigint },
    bytes: Uint8Array,
  ): Promise<void> {
    let block = this.#open.get(kind)
    const isFull = block !== undefined && block.length + bytes.length > block.bytes.length
    if (block !== undefined && (isFull || block.chunks.length >= mostChunks)) {
      await this.#close(block)
      block = undefined
    }
    if (block === undefined) {
      const bytes = this.#spare.pop() ?? new Uint8Array(new SharedArrayBuffer(this.#options.blockSize))
      block = { kind, bytes, length: 0, chunks: [] }
      this.#open.set(kind, block)
    }
    block.bytes.set(bytes, block.length)
    block.length += bytes.length
    block.chunks.push({ number, hint, length: bytes.length })
  }

  /** Closes all blocks, merging remnants of one family, and waits until everything is written. */
  async finish(): Promise<void> {
    for (const family of families) {
      const remnants = family.flatMap((kind) => this.#open.get(kind) ?? [])
      const [largest, ...others] = remnants.sort((left, right) => right.length - left.length)
      if (largest === undefined) continue
      for (const other of others) {
        const fits = largest.length + other.length <= largest.bytes.length
        if (!fits || largest.chunks.length + other.chunks.length > mostChunks) {
          await this.#close(other)
          continue
        }
        largest.bytes.set(other.bytes.subarray(0, other.length), largest.length)
        largest.length += other.length
        largest.chunks = largest.chunks.concat(other.chunks)
        this.#open.delete(other.kind)
      }
      await this.#close(largest)
    }
    while (this.#encoding.length > 0) await this.#writeOldest()
  }

  async #close(block: OpenBlock): Promise<void> {
    const { pool, candidates } = this.#options
    this.#open.delete(block.kind)
    while (this.#encoding.length > pool.size) await this.#writeOldest()
    const { bytes, length, kind } = block
    const result = pool.run('encode', { buffer: bytes.buffer, length, kind: contentKinds[kind], candidates })
    // The failure is reported by whoever awaits the block in turn; until then it must not count as unhandled.
    result.catch(() => undefined)
    this.#encoding.push({ block, result })
  }

  async #writeOldest(): Promise<void> {
    const oldest = this.#encoding.shift()
    if (oldest === undefined) return
    const { block } = oldest
    const { storedLength, ...encoded } = await oldest.result
    const stored = block.bytes.subarray(0, storedLength)
    const { writer, index, onStored } = this.#options
    const id = this.#nextBlockId++
    const position = await writer.writeBlock(id, { ...encoded, stored }, block.chunks)
    this.#spare.push(block.bytes)
    const chunkLengths = block.chunks.map(({ length }) => length)
    const { firstChunk } = index.addBlock({ ...encoded, id, position, storedLength, chunkLengths })
    await onStored(
      block.chunks.map(({ number }) => number),
      firstChunk,
      encoded.rawLength,
    )
  }
}
