import type { ContentKind } from '../../contract/content-kind'
import { contentKinds } from '../../contract/content-kind'
import { delta } from '../../codecs/delta/delta'
import { baseOfCodec } from '../../codecs/registry'
import { hintLength } from '../../format/frame'
import type { IndexWriter } from '../../index/index-writer'
import type { ArchiveWriter } from '../archive-writer'
import { type BaseShelf, commonLength, type TensorPart } from '../bases/base-shelf'
import type { StoredChunk } from '../stored-block'
import type { JobControl } from '../job-control'
import { kindFamilies } from './kind-families'
import type { PackPrimer, PrimerShelf } from '../primer/shelf'
import { roomForSealing } from '../encryption/sealed-rest'
import type { BlockSizes } from '../settings'
import type { BaseToRead, CandidateChoice, EncodeResult } from '../workers/tasks'
import type { TaskWatch, WorkerPool } from '../workers/worker-pool'

/** A chunk placed in a block that is not stored yet. */
interface PlacedChunk extends StoredChunk {
  readonly number: number
}

interface OpenBlock {
  readonly kind: ContentKind
  readonly primer: PackPrimer | undefined
  readonly bytes: Uint8Array<SharedArrayBuffer>
  length: number
  chunks: PlacedChunk[]
  /** The part of a tensor that it begins with, if it is known. */
  readonly part: TensorPart | undefined
  /** Whether it was begun for what it starts with: it is not filled up with something else at the end. */
  readonly isOwn: boolean
}

interface EncodingBlock {
  readonly block: OpenBlock
  readonly result: Promise<EncodeResult>
}

export interface PlaceOfChunk {
  readonly primer?: PackPrimer | undefined
  readonly limit?: number
  readonly isStart?: boolean
  readonly part?: TensorPart | undefined
}

export interface PackerOptions {
  readonly pool: WorkerPool
  readonly writer: ArchiveWriter
  readonly index: IndexWriter
  /** Raw bytes of a block at most; no chunk is larger. */
  readonly blockSize: number
  readonly sizesOf: (kind: ContentKind) => BlockSizes
  readonly candidates: readonly CandidateChoice[]
  readonly shelf: PrimerShelf
  /** Tensors that blocks may be coded against; none if not given. */
  readonly bases?: BaseShelf | undefined
  readonly control: JobControl
  /** Called when a block is in the archive: its chunk numbers have these consecutive chunk ids from `firstId` on. */
  readonly onStored: (
    numbers: readonly number[],
    firstId: number,
    block: { readonly rawLength: number; readonly kind: ContentKind },
  ) => void | Promise<void>
  /** Follows the encoding of a block. */
  readonly watch?: (kind: ContentKind, bytes: number) => TaskWatch
}

/** Told once, however many blocks: see `rejected` of {@link EncodeResult}. */
const whatThatMeans = 'Such blocks are stored in another way: no data is at risk. Please report this defect of lmz.'

/** Keeps the account of a block small, and finding a place in it quick, where files have a few bytes each. */
const mostChunks = 16_384

/** A block of fewer bytes is filled up with others, even if that spoils the order in which it could be coded against another. */
const leastPart = 64 * 1024

/** Blocks that are filled at the same time: one a kind, as without primers. */
const mostOpenBlocks = Object.keys(contentKinds).length

/**
 * Fills blocks with chunks of one kind and one primer each, has them encoded by the pool, and writes them in the order they were filled,
 * so that the same input gives the same archive. What is being encoded takes at most as much memory as one large block more than there are
 * workers; beyond that, {@link add} waits. So while one worker has a large block, others need not wait for it with small ones.
 */
export class Packer {
  readonly #options: PackerOptions
  /** By kind and primer; the one that was added to last is the last. */
  readonly #open = new Map<string, OpenBlock>()
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

  /**
   * Places a chunk; its bytes are copied.
   * @param primer what its block is to start from: one that was chosen for data like this
   * @param limit how long its block may become by it, if less than blocks of this kind may be
   * @param isStart whether a block is to begin with it
   * @param part which part of a tensor it is
   */
  async add(
    kind: ContentKind,
    { number, hint }: { readonly number: number; readonly hint: bigint },
    bytes: Uint8Array,
    { primer, limit, isStart = false, part }: PlaceOfChunk = {},
  ): Promise<void> {
    const place = placeOf(kind, primer)
    let block = this.#open.get(place)
    this.#open.delete(place)
    // What is coded against another block has its counterpart in one piece.
    const end = block?.part && block.part.offset + block.length
    const isElsewhere =
      part !== undefined && (block?.length ?? 0) >= leastPart && (block?.part?.key !== part.key || end !== part.offset)
    const isFull = block !== undefined && block.length + bytes.length > (limit ?? this.#options.sizesOf(kind).large)
    if (block !== undefined && (isStart || isElsewhere || isFull || block.chunks.length >= mostChunks)) {
      await this.#close(block)
      block = undefined
    }
    if (block === undefined) {
      const [oldest] = this.#open.size < mostOpenBlocks ? [] : this.#open.values()
      if (oldest !== undefined) await this.#close(oldest)
      const bytes = this.#roomFor(this.#options.sizesOf(kind).large)
      block = { kind, primer, bytes, length: 0, chunks: [], part, isOwn: isStart || part !== undefined }
    }
    this.#open.set(place, block)
    block.bytes.set(bytes, block.length)
    block.length += bytes.length
    block.chunks.push({ number, hint, length: bytes.length })
  }

  /** Memory for a block of so many bytes at most, sealed or not. */
  #roomFor(rawLength: number): Uint8Array<SharedArrayBuffer> {
    const isSealed = this.#options.writer.encryption !== undefined
    const length = isSealed ? roomForSealing(rawLength, mostChunks * hintLength) : rawLength
    const at = this.#spare.findIndex((bytes) => bytes.length === length)
    const [spare] = at === -1 ? [] : this.#spare.splice(at, 1)
    return spare ?? new Uint8Array(new SharedArrayBuffer(length))
  }

  /**
   * To be called before and after a file that fills much of a block: what stands before it, if that is enough for a block of its own, does
   * not share one with it. A model learns from what a block holds, and a transform fits one sort of table.
   * @param least bytes that a block of its own has
   */
  async separate(kind: ContentKind, primer: PackPrimer | undefined, least: number): Promise<void> {
    const block = this.#open.get(placeOf(kind, primer))
    if (block !== undefined && block.length >= least) await this.#close(block)
  }

  /** Closes all blocks, merging remnants of one family, and waits until everything is written. */
  async finish(): Promise<void> {
    for (const block of [...this.#open.values()]) {
      if (block.primer !== undefined || block.isOwn) await this.#close(block)
    }
    for (const family of kindFamilies) {
      const remnants = family.flatMap((kind) => this.#open.get(placeOf(kind, undefined)) ?? [])
      const [largest, ...others] = remnants.sort((left, right) => right.length - left.length)
      if (largest === undefined) continue
      for (const other of others) {
        const fits = largest.length + other.length <= this.#options.sizesOf(largest.kind).shared
        if (!fits || largest.chunks.length + other.chunks.length > mostChunks) {
          await this.#close(other)
          continue
        }
        largest.bytes.set(other.bytes.subarray(0, other.length), largest.length)
        largest.length += other.length
        largest.chunks = largest.chunks.concat(other.chunks)
        this.#open.delete(placeOf(other.kind, undefined))
      }
      await this.#close(largest)
    }
    while (this.#encoding.length > 0) await this.#writeOldest()
  }

  async #close(block: OpenBlock): Promise<void> {
    const { pool, candidates, watch, blockSize, writer } = this.#options
    this.#open.delete(placeOf(block.kind, block.primer))
    while (this.#encoding.length > 0 && this.#bytesEncoding() + block.bytes.length > (pool.size + 1) * blockSize) {
      await this.#writeOldest()
    }
    const { bytes, length, kind, primer } = block
    const sealing = writer.sealing(block.chunks)
    const base = await this.#baseFor(block)
    const input = {
      buffer: bytes.buffer,
      length,
      kind: contentKinds[kind],
      candidates: base === undefined ? candidates : [{ codec: delta.number, effort: 0 }, ...candidates],
      primer: primer && { key: primer.key, bytes: primer.bytes },
      base,
      sealing,
    }
    const result = pool.run('encode', input, watch?.(kind, length))
    // The failure is reported by whoever awaits the block in turn; until then it must not count as unhandled.
    result.catch(() => undefined)
    this.#encoding.push({ block, result })
  }

  /** What a block may be coded against. Whether there is such a thing must not depend on how far the workers are. */
  async #baseFor({ part, length }: OpenBlock): Promise<BaseToRead | undefined> {
    const { bases } = this.#options
    if (bases === undefined || part === undefined) return undefined
    const isOfSamePart = ({ block }: EncodingBlock): boolean =>
      block.part?.key === part.key && commonLength({ ...block.part, length: block.length }, { ...part, length }) > 0
    while (this.#encoding.some(isOfSamePart)) await this.#writeOldest()
    return bases.find(part, length)
  }

  #bytesEncoding(): number {
    return this.#encoding.reduce((sum, { block }) => sum + block.bytes.length, 0)
  }

  async #writeOldest(): Promise<void> {
    const oldest = this.#encoding.shift()
    if (oldest === undefined) return
    const { block } = oldest
    const { storedLength, isPrimed, rejected, sealed, ...encoded } = await oldest.result
    const payload = payloadIn(block.bytes, storedLength, sealed)
    const { pool, writer, index, shelf, bases, control, onStored } = this.#options
    if (rejected !== undefined) control.notice(`${rejected.message} ${whatThatMeans}`)
    const primer = isPrimed && block.primer !== undefined ? await shelf.idOf(block.primer) : undefined
    const id = this.#nextBlockId++
    const position = await writer.writeBlock(id, { ...encoded, ...payload, primer }, block.chunks)
    if (block.part !== undefined && primer === undefined && baseOfCodec(encoded.codec) === undefined) {
      const { codec, kind, rawLength } = encoded
      const location = { id, position, storedLength, rawLength, codec, kind, lineage: writer.frameLineage, primer }
      bases?.note({ ...block.part, length: rawLength, location })
    }
    if (this.#spare.length <= pool.size) this.#spare.push(block.bytes)
    const chunkLengths = block.chunks.map(({ length }) => length)
    const { firstChunk } = index.addBlock({ ...encoded, id, position, storedLength, primer, chunkLengths })
    await onStored(
      block.chunks.map(({ number }) => number),
      firstChunk,
      { rawLength: encoded.rawLength, kind: block.kind },
    )
  }
}

/** What a worker left in a block's memory. */
function payloadIn(bytes: Uint8Array, storedLength: number, sealed: EncodeResult['sealed']) {
  if (sealed === undefined) return { stored: bytes.subarray(0, storedLength) }
  const { head, openLength, sealedLength } = sealed
  const sealedBytes = bytes.subarray(openLength, openLength + sealedLength)
  return { stored: bytes.subarray(0, openLength), sealedRest: { head, storedLength, sealed: sealedBytes } }
}

function placeOf(kind: ContentKind, primer: PackPrimer | undefined): string {
  return primer === undefined ? kind : `${kind} ${primer.key}`
}
