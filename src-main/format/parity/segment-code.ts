import { type ParityKernel, startParityKernel } from '../../kernels/parity-kernel'

/** The numbers that say how the cells of a segment are protected. */
export interface SegmentShape {
  readonly cells: number
  /** Bytes, a multiple of 32. */
  readonly cellLength: number
  /** XOR cells: cell i is in group i mod groups. */
  readonly groups: number
  /** Wide cells. */
  readonly wide: number
}

/** Levels of the transform over the wide cells of a segment: 2^levels is their number, rounded up. */
export function levelsFor(wide: number): number {
  return Math.ceil(Math.log2(wide))
}

/**
 * Computes the XOR and wide cells of a segment from its cells, which are put in one after the other (docs/format.md, "The code").
 * Wide cells are the values, at the elements from 0 on, of a sum of polynomials; each takes the values of a chunk of cells at the
 * chunk's own elements. Transforms of n log n steps lead from values to polynomial and back.
 *
 * Memory: the XOR cells and twice the wide cells, their number rounded up to a power of two.
 */
export class SegmentCode {
  readonly shape: SegmentShape
  readonly kernel: ParityKernel
  readonly #levels: number
  readonly #width: number
  readonly #xor: number
  readonly #sum: number
  readonly #chunk: number
  /** The chunk being filled, and whether anything but zeros is in it. */
  #current = 0
  #isEmpty = true

  constructor(shape: SegmentShape, kernel: ParityKernel = startParityKernel()) {
    this.shape = shape
    this.kernel = kernel
    const { cellLength, groups } = shape
    this.#levels = levelsFor(shape.wide)
    this.#width = 2 ** this.#levels
    this.#xor = kernel.free
    this.#sum = this.#xor + groups * cellLength
    this.#chunk = this.#sum + this.#width * cellLength
    kernel.reserve(this.end)
    kernel.memory().fill(0, this.#xor, this.end)
  }

  /** Where memory is free. */
  get end(): number {
    return this.#chunk + this.#width * this.shape.cellLength
  }

  /**
   * Puts in one or more cells that follow each other. What was put in before may be left out, but not come again: a cell that is left
   * out counts as zeros, and {@link startAgain} lets more be added to what there is.
   */
  put(firstCell: number, bytes: Uint8Array): void {
    const { cellLength, groups } = this.shape
    for (let offset = 0, cell = firstCell; offset < bytes.length; offset += cellLength, cell++) {
      this.#goTo(Math.floor(cell / this.#width))
      const at = this.#chunk + (cell % this.#width) * cellLength
      this.kernel.memory().set(bytes.subarray(offset, offset + cellLength), at)
      this.kernel.addInto(this.#xor + (cell % groups) * cellLength, at, cellLength)
      this.#isEmpty = false
    }
  }

  /** Ends a pass over the cells; another may add to the sums. */
  startAgain(): void {
    this.#addChunk()
  }

  /** Makes the wide cells of all that was put in. Nothing can be put in after it. */
  finish(): void {
    this.#addChunk()
    this.kernel.forward(this.#sum, this.#levels, this.shape.cellLength, 0)
  }

  /** An XOR cell, as far as cells have been put in. */
  xorCell(group: number): Uint8Array {
    return this.#cellAt(this.xorAddress(group))
  }

  /** A wide cell, after {@link finish}. */
  wideCell(row: number): Uint8Array {
    return this.#cellAt(this.wideAddress(row))
  }

  xorAddress(group: number): number {
    return this.#xor + group * this.shape.cellLength
  }

  wideAddress(row: number): number {
    return this.#sum + row * this.shape.cellLength
  }

  #cellAt(address: number): Uint8Array {
    return this.kernel.memory().subarray(address, address + this.shape.cellLength)
  }

  #goTo(chunk: number): void {
    if (chunk === this.#current) return
    this.#addChunk()
    this.#current = chunk
  }

  /** Adds the polynomial of the current chunk to the sum, and empties it. */
  #addChunk(): void {
    if (this.#isEmpty) return
    const { cellLength } = this.shape
    const length = this.#width * cellLength
    this.kernel.inverse(this.#chunk, this.#levels, cellLength, (this.#current + 1) * this.#width)
    this.kernel.addInto(this.#sum, this.#chunk, length)
    this.kernel.memory().fill(0, this.#chunk, this.#chunk + length)
    this.#isEmpty = true
  }
}
