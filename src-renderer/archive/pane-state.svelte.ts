/** Ways to look at an archive: its entries, where its bytes are, and what they were spent on. */
export const archiveViews = ['list', 'treemap', 'insight'] as const
export type ArchiveViewName = (typeof archiveViews)[number]

/** How the panes of the archive's window stand, kept for the next one. */
interface Panes {
  readonly treeWidth: number
  readonly previewHeight: number
  readonly isPreviewOpen: boolean
  readonly view: ArchiveViewName
}

const key = 'lmz.archive-panes'
const atFirst: Panes = { treeWidth: 208, previewHeight: 240, isPreviewOpen: true, view: 'list' }

function stored(): Panes {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Record<keyof Panes, unknown>>
    const number = (value: unknown, otherwise: number): number =>
      typeof value === 'number' && value >= 80 && value <= 2000 ? value : otherwise
    return {
      treeWidth: number(found.treeWidth, atFirst.treeWidth),
      previewHeight: number(found.previewHeight, atFirst.previewHeight),
      isPreviewOpen: typeof found.isPreviewOpen === 'boolean' ? found.isPreviewOpen : atFirst.isPreviewOpen,
      view: archiveViews.find((view) => view === found.view) ?? 'list',
    }
  } catch {
    // Nothing but how the window looks is lost.
    return atFirst
  }
}

class PaneState {
  #panes = $state.raw(stored())

  get treeWidth(): number {
    return this.#panes.treeWidth
  }

  get previewHeight(): number {
    return this.#panes.previewHeight
  }

  get isPreviewOpen(): boolean {
    return this.#panes.isPreviewOpen
  }

  get view(): ArchiveViewName {
    return this.#panes.view
  }

  /** Shows the entries of a folder instead. */
  leaveInsight(): void {
    if (this.view === 'insight') this.set({ view: 'list' })
  }

  set(change: Partial<Panes>): void {
    this.#panes = { ...this.#panes, ...change }
    try {
      localStorage.setItem(key, JSON.stringify(this.#panes))
    } catch {
      // A browser that keeps nothing: the panes stand as they are until the window closes.
    }
  }
}

export const panes = new PaneState()
