import type { EntryRow } from '../../../src-main/contract/engine-api'
import { type LmzError, toLmzError } from '../../../src-main/contract/error'
import type { TensorPage } from '../../../src-main/contract/tensor'
import { FileBytes, type ReadBytes } from './file-bytes'
import { mostDrawingBytes, mostPictureBytes, mostPixels, pictureTypeOf, type PictureType, pixelsOf } from './pictures'
import { encodingOf, type TextEncoding } from './text-encoding'

/** What the preview shows of the row that is selected. */
export type Shown =
  | { readonly kind: 'nothing' }
  /** No file, or an empty one: its name and facts are all there is. */
  | { readonly kind: 'facts'; readonly row: EntryRow }
  | { readonly kind: 'loading'; readonly row: EntryRow }
  | { readonly kind: 'text'; readonly row: EntryRow; readonly bytes: FileBytes; readonly encoding: TextEncoding }
  | { readonly kind: 'hex'; readonly row: EntryRow; readonly bytes: FileBytes; readonly note?: HexNote | undefined }
  | { readonly kind: 'tensors'; readonly row: EntryRow; readonly bytes: FileBytes; readonly page: TensorPage }
  | {
      readonly kind: 'picture'
      readonly row: EntryRow
      readonly bytes: FileBytes
      readonly address: string
      readonly size?: { readonly width: number; readonly height: number } | undefined
    }
  | { readonly kind: 'failed'; readonly row: EntryRow; readonly error: LmzError }

/** Why a picture is shown as bytes. */
export type HexNote = 'tooLarge' | 'tooManyPixels' | 'broken'

/** Milliseconds that a selection stands still before its file is read: scrolling through a list with the keyboard decodes nothing. */
const rest = 80

/** What the preview asks about a file. */
export interface FileQuestions {
  readonly read: ReadBytes
  /** Its tensors, if it has any. */
  readonly tensors: () => Promise<TensorPage | undefined>
}

/** Reads and tells apart what is selected. The newest selection counts; what was under way for another is let go. */
export class Preview {
  shown = $state.raw<Shown>({ kind: 'nothing' })
  #bytes: FileBytes | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param row undefined to show nothing */
  show(row: EntryRow | undefined, { read, tensors }: FileQuestions): void {
    this.close()
    if (row === undefined) return
    const isReadable = (row.kind === 'file' || row.kind === 'hardLink') && row.isMissing !== true && (row.size ?? 0) > 0
    if (!isReadable) {
      this.shown = { kind: 'facts', row }
      return
    }
    const bytes = new FileBytes(row.size ?? 0, read)
    this.#bytes = bytes
    this.shown = { kind: 'loading', row }
    this.#timer = setTimeout(() => void this.#load(row, bytes, tensors), rest)
  }

  /** For when the browser could not draw a picture. */
  asBytes(note?: HexNote): void {
    const { kind } = this.shown
    if (kind !== 'picture' && kind !== 'text') return
    const { row, bytes } = this.shown
    this.#forgetAddress()
    this.shown = { kind: 'hex', row, bytes, note }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#bytes?.close()
    this.#forgetAddress()
    this.shown = { kind: 'nothing' }
  }

  async #load(row: EntryRow, bytes: FileBytes, tensors: FileQuestions['tensors']): Promise<void> {
    try {
      const start = await bytes.piece(0)
      const picture = pictureTypeOf(start)
      const encoding = encodingOf(start)
      if (picture !== undefined) await this.#showPicture(row, bytes, picture)
      else if (encoding !== undefined) this.shown = { kind: 'text', row, bytes, encoding }
      else {
        // A file whose tensors cannot be told is shown as the bytes that it is.
        const page = await tensors().catch(() => undefined)
        if (this.#bytes !== bytes) return
        this.shown = page === undefined ? { kind: 'hex', row, bytes } : { kind: 'tensors', row, bytes, page }
      }
    } catch (thrown) {
      const error = toLmzError(thrown, `Cannot read ${row.name}`)
      if (this.#bytes === bytes && error.code !== 'Cancelled') this.shown = { kind: 'failed', row, error }
    }
  }

  async #showPicture(row: EntryRow, bytes: FileBytes, type: PictureType): Promise<void> {
    const most = type === 'image/svg+xml' ? mostDrawingBytes : mostPictureBytes
    if (bytes.size > most) {
      this.shown = { kind: 'hex', row, bytes, note: 'tooLarge' }
      return
    }
    const whole = await bytes.whole()
    const size = pixelsOf(type, whole)
    if (size !== undefined && size.width * size.height > mostPixels) {
      this.shown = { kind: 'hex', row, bytes, note: 'tooManyPixels' }
      return
    }
    // In an <img>, a drawing runs no scripts and fetches nothing.
    const address = URL.createObjectURL(new Blob([whole], { type }))
    this.shown = { kind: 'picture', row, bytes, address, size }
  }

  #forgetAddress(): void {
    if (this.shown.kind === 'picture') URL.revokeObjectURL(this.shown.address)
  }
}
