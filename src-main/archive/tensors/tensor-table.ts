import { LmzError } from '../../contract/error'
import type { TensorPage, TensorRow } from '../../contract/tensor'
import { elementsOf, type Tensor, type TensorLayout } from '../../intake/tensors/layout'
import { readLayout } from '../../intake/tensors/read-layout'
import { readLater, readNow } from '../../intake/tensors/reading'
import type { Archive } from '../archive'
import { contentSize, piecesOfFile, readFileRange } from '../read-file'
import { displayPath } from '../selection'

/** Bytes [from, to) of a block's raw bytes. */
export interface BlockRange {
  readonly block: number
  readonly from: number
  readonly to: number
}

/** The tensors of a file in an archive, and where each lies in it. */
export class TensorTable {
  readonly format: TensorLayout['format']
  readonly tensors: readonly Tensor[]
  readonly #archive: Archive
  /** The file's pieces, and where in the file each begins. */
  readonly #pieces: readonly { readonly block: number; readonly offset: number; readonly length: number }[]
  readonly #starts: Float64Array
  readonly #blocks = new Map<number, { readonly rawLength: number; readonly storedLength: number }>()
  #totals: Pick<TensorPage, 'elements' | 'bytes' | 'stored'> | undefined

  private constructor(archive: Archive, entry: number, { format, tensors }: TensorLayout) {
    this.format = format
    this.tensors = tensors
    this.#archive = archive
    this.#pieces = [...piecesOfFile(archive, entry)]
    this.#starts = new Float64Array(this.#pieces.length)
    let start = 0
    for (const [at, { length }] of this.#pieces.entries()) {
      this.#starts[at] = start
      start += length
    }
  }

  /**
   * Reads the header of a file, by decoding the blocks it lies in.
   * @returns undefined for a file without tensors, and for one that is not well-formed
   * @throws LmzError `Usage` for an entry that is no file, `Corrupt`
   */
  static open(archive: Archive, entry: number): TensorTable | undefined {
    const layout = readNow(readLayout(contentSize(archive, entry)), (offset, length) =>
      readFileRange(archive, entry, offset, length),
    )
    return layout === undefined ? undefined : new TensorTable(archive, entry, layout)
  }

  /** The same by a reader that decodes in another thread. */
  static async openLater(
    archive: Archive,
    entry: number,
    read: (offset: number, length: number) => Promise<Uint8Array>,
  ): Promise<TensorTable | undefined> {
    const layout = await readLater(readLayout(contentSize(archive, entry)), read)
    return layout === undefined ? undefined : new TensorTable(archive, entry, layout)
  }

  page(offset: number, limit: number): TensorPage {
    const rows = this.tensors.slice(offset, offset + limit).map((_tensor, at) => this.row(offset + at))
    return { format: this.format, total: this.tensors.length, ...this.#sums(), rows }
  }

  row(number: number): TensorRow {
    const tensor = this.tensor(number)
    const { name, type, shape, offset, bytes } = tensor
    const elements = elementsOf(shape)
    const stored = this.#storedOf(tensor)
    const blocks = this.#neededFor(tensor)
    const readBytes = [...blocks].reduce((sum, id) => sum + this.#block(id).storedLength, 0)
    const bitsPerElement = elements === 0 ? undefined : (stored * 8) / elements
    return {
      number,
      name,
      type,
      shape,
      elements,
      offset,
      bytes,
      stored,
      bitsPerElement,
      blocks: blocks.size,
      readBytes,
    }
  }

  /** @throws LmzError `Usage` for a number that no tensor has */
  tensor(number: number): Tensor {
    const tensor = this.tensors[number]
    if (tensor === undefined) throw new LmzError('Usage', `There is no tensor ${number}.`)
    return tensor
  }

  /** @throws LmzError `NotFound` */
  named(name: string, entry: number): Tensor {
    const tensor = this.tensors.find((each) => each.name === name)
    if (tensor !== undefined) return tensor
    const path = displayPath(this.#archive, entry)
    throw new LmzError('NotFound', `${path} has no tensor of this name: ${name}`, { subject: path })
  }

  /** Where a tensor's bytes lie, in order. */
  *ranges({ offset, bytes }: Tensor): Generator<BlockRange> {
    const end = offset + bytes
    for (let at = this.#pieceAt(offset); at < this.#pieces.length; at++) {
      const piece = this.#pieces[at]
      const start = this.#starts[at] ?? Infinity
      if (piece === undefined || start >= end) return
      const from = piece.offset + Math.max(offset - start, 0)
      const to = piece.offset + Math.min(end - start, piece.length)
      if (from < to) yield { block: piece.block, from, to }
    }
  }

  /** The piece in which a byte of the file lies. */
  #pieceAt(offset: number): number {
    let [bottom, top] = [0, this.#starts.length]
    while (bottom < top) {
      const middle = (bottom + top) >>> 1
      if ((this.#starts[middle] ?? Infinity) <= offset) bottom = middle + 1
      else top = middle
    }
    return Math.max(bottom - 1, 0)
  }

  /** Sums over all tensors; of several names for the same bytes, the first. */
  #sums(): Pick<TensorPage, 'elements' | 'bytes' | 'stored'> {
    this.#totals ??= this.#sumUp()
    return this.#totals
  }

  #sumUp(): Pick<TensorPage, 'elements' | 'bytes' | 'stored'> {
    let [elements, bytes, stored] = [0, 0, 0]
    this.tensors.forEach((tensor, number) => {
      const before = this.tensors[number - 1]
      if (tensor.bytes > 0 && before?.offset === tensor.offset && before.bytes === tensor.bytes) return
      elements += elementsOf(tensor.shape)
      bytes += tensor.bytes
      stored += this.#storedOf(tensor)
    })
    return { elements, bytes, stored }
  }

  #storedOf(tensor: Tensor): number {
    let stored = 0
    for (const { block, from, to } of this.ranges(tensor)) {
      const { rawLength, storedLength } = this.#block(block)
      stored += ((to - from) / rawLength) * storedLength
    }
    return stored
  }

  /** The blocks that hold a tensor, and those that these are coded against. */
  #neededFor(tensor: Tensor): ReadonlySet<number> {
    const blocks = new Set<number>()
    for (const { block } of this.ranges(tensor)) {
      if (blocks.has(block)) continue
      blocks.add(block)
      const base = this.#archive.baseOf(this.#archive.index.block(block))
      if (base !== undefined) blocks.add(base.id)
    }
    return blocks
  }

  #block(id: number): { readonly rawLength: number; readonly storedLength: number } {
    const known = this.#blocks.get(id)
    if (known !== undefined) return known
    const block = this.#archive.index.block(id)
    this.#blocks.set(id, block)
    return block
  }
}
