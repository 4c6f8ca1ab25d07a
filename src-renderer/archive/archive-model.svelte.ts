import type { ArchiveInfo } from '../../src-main/contract/archive-info'
import type { EntryRow, RowOrder } from '../../src-main/contract/engine-api'
import type { LmzError } from '../../src-main/contract/error'
import { isPasswordMissing, toLmzError } from '../../src-main/contract/error'
import type { Bridge } from '../bridge'
import { type Directory, nearestDirectory, root } from './directory'
import { emptyHistory, goBack, goForward, type History, type Path, visit } from './history'
import { RowList } from './list/row-list.svelte'
import { selectOnly, selectRows } from './list/selection'
import { leaveArchive, whenLeft } from './still-open'

export type ArchiveState =
  | { readonly kind: 'opening' }
  /** It is encrypted, and the password is missing or was wrong. */
  | { readonly kind: 'locked'; readonly isWrong: boolean }
  | { readonly kind: 'open'; readonly handle: number; readonly info: ArchiveInfo }
  | { readonly kind: 'failed'; readonly error: LmzError }

/** A list that is shown, with what it was read for: what the user wants to see next may be something else already. */
interface Listing {
  readonly list: RowList
  readonly handle: number
  readonly directory: Directory
  /** Of the directory's own rows. */
  readonly order: RowOrder
  /** "" for the directory's own rows. */
  readonly searched: string
}

/** What the list shows beside the directory's own rows: what is to be selected in it, once it is there. */
interface Reveal {
  readonly names?: ReadonlySet<string>
  readonly id?: number
}

/** More selected names than this are not looked up again in a list that was read anew. */
const mostNamesCarried = 2000

/**
 * An archive in a window: which directory is shown, in which order, what is searched for, and the way back. Outlives changes of the archive:
 * {@link reopen} reads it again and finds place and selection by their names, since ids are true for one commit only.
 */
export class ArchiveModel {
  state = $state.raw<ArchiveState>({ kind: 'opening' })
  directory = $state.raw<Directory>(root)
  history = $state.raw<History>(emptyHistory)
  order = $state.raw<RowOrder>({ column: 'name', descending: false })
  /** Undefined for the best matches first. */
  searchOrder = $state.raw<RowOrder | undefined>()
  searched = $state.raw('')
  /** Stays the former list while the next one is on its way, so that nothing flickers. */
  #shown = $state.raw<Listing | undefined>()
  /** The directory's own rows while others that were searched for are shown: they are back in the moment the search ends. */
  #behind: Listing | undefined
  /** Grows each time the archive was opened: what was read by id from an earlier one is no longer true. */
  generation = $state.raw(0)
  #newest: RowList | undefined
  #opening: Promise<void>
  #isSearching = false
  #expected: string | undefined
  /** The password that is being tried, or was when the archive could not be opened for another reason. */
  typed: string | undefined
  /** Grows with every way taken. */
  #place = 0
  #isClosed = false

  constructor(
    readonly path: string,
    private readonly bridge: Bridge,
  ) {
    this.#opening = whenLeft(path)
  }

  /** Undefined until the archive is open. */
  get list(): RowList | undefined {
    return this.#shown?.list
  }

  /** Whether `list` holds what was searched for, and not a directory. */
  get listIsFound(): boolean {
    return this.#shown !== undefined && this.#shown.searched !== ''
  }

  get handle(): number | undefined {
    return this.state.kind === 'open' ? this.state.handle : undefined
  }

  get info(): ArchiveInfo | undefined {
    return this.state.kind === 'open' ? this.state.info : undefined
  }

  /** Opens the archive, or opens it again after it has changed. Never rejects: `state` says what came of it. */
  reopen(): Promise<void> {
    // One after the other: each closes what the one before it has opened.
    this.#opening = this.#opening.then(() => this.#reopen())
    return this.#opening
  }

  async #reopen(): Promise<void> {
    if (this.#isClosed) return
    const before = this.handle
    const [list, selection] = [this.list, this.list?.selection]
    let selected = await this.#namesSelected()
    try {
      const { handle, info } = await this.#openWithPassword()
      if (this.#isClosed) {
        await this.#release(handle)
        return
      }
      const directory = await nearestDirectory(this.bridge.engine, handle, this.history.now)
      // What was selected meanwhile is what is meant.
      if (list !== undefined && list === this.list && list.selection !== selection)
        selected = await this.#namesSelected()
      const names = new Set(selected)
      if (this.#expected !== undefined) names.add(this.#expected)
      this.#expected = undefined
      this.generation++
      this.state = { kind: 'open', handle, info }
      this.directory = directory
      this.history = { ...this.history, now: directory.names }
      await this.#showList({ names })
    } catch (error) {
      this.state = isPasswordMissing(error)
        ? { kind: 'locked', isWrong: this.typed !== undefined }
        : { kind: 'failed', error: toLmzError(error, `Cannot open ${this.path}`, this.path) }
      this.#shown = undefined
    }
    // An engine that was started anew counts its handles anew.
    if (before !== undefined && before !== this.handle) await this.#release(before)
  }

  /** Opens an encrypted archive with a password; `state` says whether it was the right one. */
  async unlock(password: string): Promise<void> {
    this.typed = password
    await this.reopen()
  }

  /** A change of the password is on its way: afterwards the archive opens with this one. */
  expectPassword(password: string): void {
    this.typed = password
  }

  /** Once it is open, the shell knows the password, and nobody here needs to. */
  async #openWithPassword(): Promise<{ readonly handle: number; readonly info: ArchiveInfo }> {
    const { engine } = this.bridge
    const opened = await engine.openArchive(this.path, this.typed).catch((error: unknown) => {
      // A change that was broken off leaves the password as it was; while it is open, the shell knows that one.
      if (this.handle === undefined || this.typed === undefined || !isPasswordMissing(error)) throw error
      return engine.openArchive(this.path)
    })
    this.typed = undefined
    return opened
  }

  /** An entry that is about to have this name is selected when the archive is opened again. */
  expectRenamed(name: string): void {
    this.#expected = name
  }

  close(): void {
    this.#isClosed = true
    this.#newest?.close()
    this.list?.close()
    this.#behind?.list.close()
    leaveArchive(
      this.path,
      Promise.all([this.#opening, this.handle === undefined ? undefined : this.#release(this.handle)]),
    )
  }

  /** Shows a directory of the archive by its id and names, with a row selected in it. */
  async show(directory: Directory, reveal: Reveal = {}): Promise<void> {
    this.history = visit(this.history, directory.names)
    await this.#enter(directory, reveal)
  }

  async showPath(names: Path): Promise<void> {
    const cameFrom = this.history.now[names.length]
    this.history = visit(this.history, names)
    await this.#enterPath(cameFrom)
  }

  async back(): Promise<void> {
    const cameFrom = this.history.now
    this.history = goBack(this.history)
    await this.#enterPath(cameFrom[this.history.now.length])
  }

  async forward(): Promise<void> {
    this.history = goForward(this.history)
    await this.#enterPath(undefined)
  }

  /** Above where the user is going, which may not be shown yet: two strokes are two levels. */
  async up(): Promise<void> {
    if (this.history.now.length > 0) await this.showPath(this.history.now.slice(0, -1))
  }

  /** Shows what is in a row's directory, with the row selected. */
  async goTo(row: EntryRow): Promise<void> {
    const handle = this.handle
    if (handle === undefined) return
    const names = await this.bridge.engine.pathOf(handle, row.id)
    await this.show({ id: row.parent, names: names.slice(0, -1) }, { id: row.id })
  }

  /** Shows the directory of an entry by its path, with the entry selected. */
  async goToPath(names: Path): Promise<void> {
    this.history = visit(this.history, names.slice(0, -1))
    await this.#enterPath(names.at(-1))
  }

  async openFolder(row: EntryRow): Promise<void> {
    await this.show({ id: row.id, names: this.namesOf(row) })
  }

  async sortBy(order: RowOrder | undefined): Promise<void> {
    if (this.searched === '') this.order = order ?? this.order
    else this.searchOrder = order
    await this.#showList({ names: await this.#namesSelected() })
  }

  /**
   * Shows what fits below the directory; the directory's own rows for an empty text. One question at a time is with the engine: while it is
   * answered, only the newest text waits.
   */
  async search(text: string): Promise<void> {
    this.searched = text
    if (text === '') this.searchOrder = undefined
    if (this.#endSearch() || this.#isSearching) return
    this.#isSearching = true
    const place = this.#place
    try {
      let shown: string
      do {
        shown = this.searched
        await this.#showList({})
      } while (shown !== this.searched && place === this.#place && !this.#endSearch())
    } finally {
      this.#isSearching = false
    }
  }

  /** The names that lead to a row of the list. */
  namesOf(row: EntryRow): Path {
    if (!this.listIsFound) return [...(this.#shown?.directory ?? this.directory).names, row.name]
    return row.place === undefined || row.place === '' ? [row.name] : [...row.place.split('/'), row.name]
  }

  /** The paths of what is selected, as jobs want them. */
  async selectedPaths(): Promise<string[]> {
    const rows = (await this.list?.selected()) ?? []
    return rows.map((row) => this.namesOf(row).join('/'))
  }

  async #enterPath(reveal: string | undefined): Promise<void> {
    const handle = this.handle
    if (handle === undefined) return
    const wanted = this.history.now
    const directory = await nearestDirectory(this.bridge.engine, handle, wanted)
    if (wanted !== this.history.now) return
    this.history = { ...this.history, now: directory.names }
    await this.#enter(directory, reveal === undefined ? {} : { names: new Set([reveal]) })
  }

  async #enter(directory: Directory, reveal: Reveal): Promise<void> {
    this.directory = directory
    this.#place++
    this.searched = ''
    this.searchOrder = undefined
    await this.#showList(reveal)
  }

  /** Reads a new list and shows it once its first rows are there, unless a newer one was asked for meanwhile. */
  async #showList(reveal: Reveal): Promise<void> {
    const handle = this.handle
    if (handle === undefined) return
    const { engine } = this.bridge
    const { order, searched, searchOrder, directory } = this
    if (this.#newest !== this.list) this.#newest?.close()
    const list = new RowList((page) =>
      searched === ''
        ? engine.list(handle, directory.id, order, page)
        : engine.find(handle, directory.id, searched, searchOrder, page),
    )
    this.#newest = list
    await list.isReady
    if (this.#newest !== list) return
    if (reveal.names !== undefined) {
      const rows = await list.indicesOf(reveal.names)
      const lead = rows[0]
      if (lead !== undefined) list.selection = selectRows(rows, lead)
    } else if (reveal.id !== undefined) {
      const index = await list.indexOf((row) => row.id === reveal.id)
      if (index >= 0) list.selection = selectOnly(index)
    }
    // Revealing may have taken a while; a newer list may be on its way, or shown.
    if (this.#wasReplaced(list)) return
    const before = this.#shown
    const staysBehind = searched !== '' && before?.searched === ''
    if (staysBehind) this.#behind = before
    else before?.list.close()
    if (searched === '') this.#forgetBehind()
    this.#shown = { list, handle, directory, order, searched }
  }

  /**
   * Without a search, shows the directory's own rows as they were before it, at once: whoever clicks then has them under the pointer.
   * @returns false where there is a search, or those rows have to be read
   */
  #endSearch(): boolean {
    const own = this.#shown?.searched === '' ? this.#shown : this.#behind
    const isTrue = own?.handle === this.handle && own?.directory === this.directory && own?.order === this.order
    if (this.searched !== '' || own === undefined || !isTrue) return false
    // Answers that are under way are for nobody.
    if (this.#newest !== own.list) this.#newest?.close()
    this.#newest = own.list
    if (own !== this.#shown) this.list?.close()
    this.#behind = undefined
    this.#shown = own
    return true
  }

  #forgetBehind(): void {
    this.#behind?.list.close()
    this.#behind = undefined
  }

  #wasReplaced(list: RowList): boolean {
    return this.#newest !== list || this.#isClosed
  }

  async #namesSelected(): Promise<ReadonlySet<string>> {
    const list = this.list
    if (list === undefined || this.listIsFound || list.selectedCount > mostNamesCarried) return new Set()
    // What cannot be read any more, since its archive is gone, is not selected again.
    return new Set((await list.selected().catch(() => [])).map((row) => row.name))
  }

  async #release(handle: number): Promise<void> {
    // A handle that the engine no longer knows (it was restarted) needs no closing.
    await this.bridge.engine.closeArchive(handle).catch(() => undefined)
  }
}
