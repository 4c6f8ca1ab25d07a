import type { EntryRow } from '../../src-main/contract/engine-api'
import type { ShellKind } from '../../src-main/contract/shell-api'
import type { Bridge } from '../bridge'
import type { RowList } from './list/row-list.svelte'

/** Milliseconds. */
const rest = 60

/** Marks a drag that starts in this window, so that it is not taken for files to add. */
export const ownDrag = 'application/x-lmz-entry'

/**
 * Dragging entries out of the window. On the desktop the shell takes them out and starts a drag of the system; a browser fetches one file
 * from an address (DownloadURL, Chromium only) that has to be known when the drag starts: so it is asked for when a file is selected.
 */
export class DragOut {
  #address: { readonly row: number; readonly url: string } | undefined
  #asked: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly bridge: Bridge,
    private readonly shell: () => ShellKind | undefined,
  ) {}

  /** Asks for the address once a selection stands still: until a drag starts, there is time. */
  prepare(handle: number, row: EntryRow | undefined): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#prepare(handle, row), rest)
  }

  async #prepare(handle: number, row: EntryRow | undefined): Promise<void> {
    this.#address = undefined
    this.#asked = row?.id
    if (row?.kind !== 'file' || this.shell() !== 'web') return
    const url = await this.bridge.shell.entryUrl(handle, row.id).catch(() => undefined)
    if (url !== undefined && this.#asked === row.id) this.#address = { row: row.id, url }
  }

  start(event: DragEvent, handle: number, list: RowList): void {
    if (this.shell() === 'desktop') {
      event.preventDefault()
      void list.selected().then((rows) =>
        this.bridge.shell.dragOut(
          handle,
          rows.map(({ id }) => id),
        ),
      )
      return
    }
    const row = list.onlySelected
    if (row === undefined || this.#address?.row !== row.id || event.dataTransfer === null) {
      event.preventDefault()
      return
    }
    const { href } = new URL(this.#address.url, location.href)
    // A ":" ends the name in this form.
    event.dataTransfer.setData('DownloadURL', `application/octet-stream:${row.name.replaceAll(':', '_')}:${href}`)
    event.dataTransfer.setData(ownDrag, '')
    event.dataTransfer.effectAllowed = 'copy'
  }
}
