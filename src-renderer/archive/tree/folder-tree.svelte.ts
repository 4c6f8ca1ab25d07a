import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { EntryRow } from '../../../src-main/contract/engine-api'
import type { Path } from '../history'

/** One line of the tree. */
export interface TreeNode {
  readonly id: number
  readonly name: string
  readonly names: Path
  /** 1 at the top. */
  readonly level: number
  readonly isExpanded: boolean
  readonly canExpand: boolean
  /** Place among the folders of the same folder, from 1, and how many these are. */
  readonly position: number
  readonly siblings: number
}

/** "/" is in no name. */
function keyOf(names: Path): string {
  return names.join('/')
}

/**
 * The folders of an archive, read as they are unfolded. What is unfolded is remembered by names, so that it stays so when the archive was
 * opened again.
 */
export class FolderTree {
  readonly #expanded = new SvelteSet<string>()
  #folders = $state.raw(new SvelteMap<number, readonly EntryRow[]>())
  #ask: (directory: number) => Promise<readonly EntryRow[]> = () => Promise.resolve([])
  #generation = 0

  /** The lines on the screen, from top to bottom. */
  readonly nodes = $derived(this.#nodesOf(0, [], 1))

  /** Reads from an archive that was opened (again): what is unfolded is read anew. */
  async read(ask: (directory: number) => Promise<readonly EntryRow[]>): Promise<void> {
    this.#ask = ask
    const generation = ++this.#generation
    const fresh = new SvelteMap<number, readonly EntryRow[]>()
    const readBelow = async (directory: number, names: Path): Promise<void> => {
      const folders = await ask(directory)
      fresh.set(directory, folders)
      for (const { id, name } of folders) {
        if (this.#expanded.has(keyOf([...names, name]))) await readBelow(id, [...names, name])
      }
    }
    await readBelow(0, [])
    // The tree as it was stays until the new one is whole.
    if (generation === this.#generation) this.#folders = fresh
  }

  async expand({ id, names, canExpand }: TreeNode): Promise<void> {
    if (!canExpand) return
    await this.#load(id)
    this.#expanded.add(keyOf(names))
  }

  collapse({ names }: TreeNode): void {
    this.#expanded.delete(keyOf(names))
  }

  /** Unfolds the way to a directory, so that it is on the screen. */
  async reveal(names: Path): Promise<void> {
    let directory = 0
    for (let depth = 0; depth < names.length; depth++) {
      const next = this.#folders.get(directory)?.find(({ name }) => name === names[depth])
      if (next === undefined) return
      directory = next.id
      if (depth === names.length - 1) return
      await this.#load(directory)
      this.#expanded.add(keyOf(names.slice(0, depth + 1)))
    }
  }

  async #load(directory: number): Promise<void> {
    if (this.#folders.has(directory)) return
    const into = this.#folders
    into.set(directory, await this.#ask(directory))
  }

  #nodesOf(directory: number, path: Path, level: number): TreeNode[] {
    const folders = this.#folders.get(directory) ?? []
    return folders.flatMap(({ id, name, hasFolders }, index) => {
      const names = [...path, name]
      const isExpanded = this.#expanded.has(keyOf(names)) && this.#folders.has(id)
      const position = index + 1
      const canExpand = hasFolders ?? true
      const node = { id, name, names, level, isExpanded, canExpand, position, siblings: folders.length }
      return isExpanded ? [node, ...this.#nodesOf(id, names, level + 1)] : [node]
    })
  }
}
