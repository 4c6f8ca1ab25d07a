import { type LmzErrorData, toLmzError } from '../../src-main/contract/error'
import type { ChoiceKind, DiskFolder, DiskItem, ShellApi } from '../../src-main/contract/shell-api'
import type { Remote } from '../bridge'
import { joinPath, type Separator } from '../state/paths'
import { beginsWith, completed, isOffered, splitTyped } from './typed-path'

/** A list of this many rows is scrolled by nobody; typing narrows it down. */
const mostShown = 1000

/** A folder being looked at, the path being typed, and what is chosen in it. */
export class FolderBrowser {
  readonly kind: ChoiceKind
  readonly #separator: Separator
  readonly #listFolder: Remote<ShellApi>['listFolder']
  folder = $state.raw<DiskFolder | undefined>()
  /** What stands in the path field. */
  typed = $state('')
  withHidden = $state(false)
  isLoading = $state(false)
  error = $state.raw<LmzErrorData | undefined>()
  selected = $state.raw<ReadonlySet<string>>(new Set())
  /** Index of the row that the keyboard is at. */
  active = $state(0)
  #lastAsked = 0
  /** The reading of a folder that the typed path goes into. */
  #following: Promise<void> | undefined

  constructor(kind: ChoiceKind, separator: Separator, listFolder: Remote<ShellApi>['listFolder']) {
    this.kind = kind
    this.#separator = separator
    this.#listFolder = listFolder
  }

  /** What a name has to begin with, if the typed path is one in the folder that is shown. */
  get prefix(): string {
    const { folder, prefix } = splitTyped(this.typed, this.#separator)
    return this.folder !== undefined && this.#isShown(folder) ? prefix : ''
  }

  readonly items: readonly DiskItem[] = $derived.by(() => {
    const { prefix } = this
    const withHidden = this.withHidden || prefix.startsWith('.')
    return (this.folder?.items ?? [])
      .filter((item) => isOffered(item, this.kind, withHidden) && beginsWith(item.name, prefix))
      .slice(0, mostShown)
  })

  /** Shows a folder. @returns whether it could be read */
  async go(path: string): Promise<boolean> {
    const asked = ++this.#lastAsked
    const { typed } = this
    this.isLoading = true
    try {
      const folder = await this.#listFolder(path)
      if (asked !== this.#lastAsked) return false
      this.folder = folder
      // Who has typed on while the folder was read means something else.
      if (this.typed === typed) this.typed = this.#asFolder(folder.path)
      else void this.follow()
      this.error = undefined
      this.selected = new Set()
      this.active = 0
      return true
    } catch (thrown) {
      if (asked === this.#lastAsked) this.error = toLmzError(thrown, `Cannot read ${path}`).toData()
      return false
    } finally {
      if (asked === this.#lastAsked) this.isLoading = false
    }
  }

  /** Follows the typed path: shows the folder it goes into as soon as it names one. */
  follow(): Promise<void> {
    const following = this.#follow().finally(() => {
      if (this.#following === following) this.#following = undefined
    })
    this.#following = following
    return following
  }

  async #follow(): Promise<void> {
    const { typed } = this
    const { folder } = splitTyped(typed, this.#separator)
    this.active = 0
    if (folder === '' || this.#isShown(folder)) return
    const asked = ++this.#lastAsked
    const found = await this.#listFolder(folder).catch(() => undefined)
    if (found === undefined || asked !== this.#lastAsked) return
    this.folder = found
    this.error = undefined
    this.selected = new Set()
  }

  /** @returns whether Tab had something to add, or will have once the folder has been read */
  complete(): boolean {
    if (this.#following !== undefined) {
      void this.#following.then(() => this.complete())
      return true
    }
    const { folder, prefix } = splitTyped(this.typed, this.#separator)
    if (prefix === '' || !this.#isShown(folder)) return false
    const offered = (this.folder?.items ?? []).filter((item) => isOffered(item, this.kind, prefix.startsWith('.')))
    const whole = completed(prefix, offered, this.#separator)
    if (whole === prefix) return false
    this.typed = folder + whole
    void this.follow()
    return true
  }

  async up(): Promise<void> {
    const { folder } = this
    if (folder?.parent === undefined) return
    const from = folder.path
    if (await this.go(folder.parent))
      this.active = Math.max(
        0,
        this.items.findIndex(({ path }) => path === from),
      )
  }

  /** Chooses an item alone, or with `isMore` in addition to the others. */
  select(item: DiskItem, isMore: boolean): void {
    const selected = new Set(isMore && this.kind === 'sources' ? this.selected : [])
    if (isMore && this.selected.has(item.path)) selected.delete(item.path)
    else selected.add(item.path)
    this.selected = selected
  }

  /** From the last row the keyboard was at to another, all of them. */
  selectTo(index: number): void {
    const [from, to] = [Math.min(this.active, index), Math.max(this.active, index)]
    this.selected = new Set(this.items.slice(from, to + 1).map(({ path }) => path))
  }

  /** Below the folder that is shown. */
  pathOf(name: string): string {
    return joinPath(this.folder?.path ?? '', name, this.#separator)
  }

  #asFolder(path: string): string {
    return joinPath(path, '', this.#separator)
  }

  #isShown(folder: string): boolean {
    return this.folder !== undefined && (folder === this.folder.path || folder === this.#asFolder(this.folder.path))
  }
}
