import { LmzError } from '../../../src-main/contract/error'

/** Bytes of one question: small enough to come quickly where blocks are small, and below what the engine gives at once. */
export const bytesAPiece = 256 * 1024
const piecesKept = 32

/** Reads a file of an archive. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>

/**
 * A file of an archive, read in pieces as they are needed, so that only the blocks are decoded that are looked at. After {@link close} nothing more is asked
 * for, and what is under way rejects with `Cancelled`.
 */
export class FileBytes {
  readonly #pieces = new Map<number, Promise<Uint8Array>>()
  #isClosed = false

  constructor(
    readonly size: number,
    private readonly read: ReadBytes,
  ) {}

  close(): void {
    this.#isClosed = true
    this.#pieces.clear()
  }

  /** A piece by its number; the last one is shorter. @throws LmzError `Cancelled`, and what the engine says */
  async piece(number: number): Promise<Uint8Array> {
    this.#check()
    const known = this.#pieces.get(number)
    const offset = number * bytesAPiece
    const piece = known ?? this.read(offset, Math.max(0, Math.min(bytesAPiece, this.size - offset)))
    // Used last, forgotten last.
    this.#pieces.delete(number)
    this.#pieces.set(number, piece)
    for (const oldest of this.#pieces.keys()) {
      if (this.#pieces.size <= piecesKept) break
      this.#pieces.delete(oldest)
    }
    try {
      return await piece
    } catch (error) {
      this.#pieces.delete(number)
      throw error
    } finally {
      this.#check()
    }
  }

  /** The whole file, for small ones. @throws as {@link piece} */
  async whole(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(this.size)
    for (let offset = 0; offset < this.size; offset += bytesAPiece)
      bytes.set(await this.piece(offset / bytesAPiece), offset)
    return bytes
  }

  #check(): void {
    if (this.#isClosed) throw new LmzError('Cancelled', 'Another file is shown.')
  }
}
