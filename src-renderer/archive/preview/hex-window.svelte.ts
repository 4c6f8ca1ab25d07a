import { SvelteMap } from 'svelte/reactivity'
import { LmzError } from '../../../src-main/contract/error'
import { scrolledHeight, scrollTopToShow, windowAt } from '../list/window-of-rows'
import { bytesAPiece, type FileBytes } from './file-bytes'
import { bytesARow, offsetDigits } from './hex'

/** Pixels; hex-rows.css has the same. */
const rowHeight = 20
/** Twice what a high window shows. */
const piecesKept = 4

/** Which rows of a file in hexadecimal are drawn, and the bytes in them, which are read as they are scrolled to. */
export class HexWindow {
  /** Pixels of the element that is scrolled. */
  viewport = $state(0)
  scrollTop = $state(0)
  readonly digits: number
  readonly #pieces = new SvelteMap<number, Uint8Array>()
  readonly #measures = $derived.by(() => ({
    total: Math.ceil(this.bytes.size / bytesARow),
    rowHeight,
    viewport: this.viewport,
  }))
  readonly #drawn = $derived(windowAt(this.#measures, this.scrollTop))
  /** The rows to draw: where each begins in the file, and how many pixels below the top. */
  readonly rows = $derived(
    Array.from({ length: this.#drawn.end - this.#drawn.first }, (_, at) => ({
      offset: (this.#drawn.first + at) * bytesARow,
      top: this.#drawn.top + at * rowHeight,
    })),
  )
  /** Bytes of the rows that are really seen, without those that lie ready around them. */
  readonly inSight = $derived.by(() => {
    const { first, top } = this.#drawn
    const seen = Math.max(first, first + Math.floor((this.scrollTop - top) / rowHeight))
    const end = seen + Math.max(1, Math.floor(this.viewport / rowHeight))
    return { from: seen * bytesARow, to: Math.min(this.bytes.size, end * bytesARow) }
  })

  /** @param bytes the file, which stays the same */
  constructor(
    readonly bytes: FileBytes,
    private readonly onerror: (error: unknown) => void,
  ) {
    this.digits = offsetDigits(bytes.size)
  }

  /** Pixels of all rows. */
  get height(): number {
    return scrolledHeight(this.#measures)
  }

  /** Undefined behind the end, and while it is not read yet. */
  byteAt(offset: number): number | undefined {
    if (offset >= this.bytes.size) return undefined
    return this.#pieces.get(Math.floor(offset / bytesAPiece))?.[offset % bytesAPiece]
  }

  /** Those of a row that are there. */
  rowAt(offset: number): Uint8Array {
    const from = offset % bytesAPiece
    return this.#pieces.get(Math.floor(offset / bytesAPiece))?.subarray(from, from + bytesARow) ?? new Uint8Array(0)
  }

  /** Reads what is drawn, where it is not there. */
  readDrawn(): void {
    const first = Math.floor((this.#drawn.first * bytesARow) / bytesAPiece)
    const last = Math.floor((Math.max(0, this.#drawn.end - 1) * bytesARow) / bytesAPiece)
    for (let number = first; number <= last; number++) void this.#read(number)
  }

  /** Where to scroll so that a byte is in sight. */
  scrollTopToShow(offset: number, scrollTop: number): number {
    return scrollTopToShow(this.#measures, scrollTop, Math.floor(offset / bytesARow))
  }

  async #read(number: number): Promise<void> {
    if (this.#pieces.has(number)) return
    try {
      this.#pieces.set(number, await this.bytes.piece(number))
      for (const oldest of this.#pieces.keys()) if (this.#pieces.size > piecesKept) this.#pieces.delete(oldest)
    } catch (error) {
      if (!(error instanceof LmzError && error.code === 'Cancelled')) this.onerror(error)
    }
  }
}
