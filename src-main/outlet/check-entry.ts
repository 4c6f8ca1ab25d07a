import { lstatSync, type Stats } from 'node:fs'
import { escapeForDisplay } from '../contract/display-name'
import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import type { DirectoryTree, PlacedDirectory } from './directory-tree'
import { longestPath } from './disk-path'
import { NameClaims } from './name-claims'
import { longestComponent, safeName, safeRawName, type SafeComponent } from './safe-name'

/** An entry that passed all checks of its name and parent. */
export interface Spot {
  readonly entry: Entry
  readonly parent: PlacedDirectory
  readonly component: SafeComponent
  /** What stands at its final place. */
  readonly existing: Stats | undefined
}

/** Decides where an entry would go, and whether it may. */
export class EntryCheck {
  readonly #tree: DirectoryTree
  readonly #platform: NodeJS.Platform
  readonly #claims: NameClaims | undefined

  constructor(tree: DirectoryTree, platform: NodeJS.Platform, doesFold: boolean) {
    this.#tree = tree
    this.#platform = platform
    this.#claims = doesFold ? new NameClaims(platform) : undefined
  }

  /**
   * @returns undefined for what is in a directory that the user skips
   * @throws LmzError `UnsafePath`, `Limit`, `Collision`, or the code that its directory was refused with
   */
  check(entry: Entry): Spot | undefined {
    const parent = this.#tree.get(entry.parent)
    if (parent?.state !== 'placed') {
      if (parent?.reason === 'skipped') return undefined
      throw this.#refusal(entry, parent?.reason ?? 'UnsafePath', 'it is in no folder that was extracted')
    }
    const component = this.#componentOf(entry)
    const isRepeated = entry.kind === 'directory' && this.#tree.get(entry.id) !== undefined
    if (this.#claims?.claim(parent.id, entry.name, component) === false || isRepeated) {
      throw this.#refusal(entry, 'Collision', 'another entry has the same name here')
    }
    if (this.#tree.pathLength(parent, component) > longestPath(this.#platform)) {
      throw this.#refusal(entry, 'Limit', 'its path is too long for this system')
    }
    // Nothing can be in a directory that does not exist yet.
    if (parent.isNew) return { entry, parent, component, existing: undefined }
    const existing = lstatSync(this.#tree.finalPath(parent, component), { throwIfNoEntry: false })
    return { entry, parent, component, existing }
  }

  /** The entry's path in the archive. */
  pathOf(entry: Entry): string {
    return this.#tree.displayPath(this.#tree.get(entry.parent), entry.name)
  }

  #refusal(entry: Entry, code: LmzError['code'], reason: string): LmzError {
    // The name alone: a path can be thousands of characters long, and the problem carries it anyway.
    const name = escapeForDisplay(entry.name.slice(0, longestComponent))
    return new LmzError(code, `"${name}" was not written: ${reason}.`, { subject: this.pathOf(entry) })
  }

  #componentOf(entry: Entry): SafeComponent {
    const takesAnyBytes = [this.#platform, process.platform].every((name) => name !== 'win32' && name !== 'darwin')
    // Bytes are never shorter than the text they are shown as, so a longer text is not theirs.
    const isRaw = entry.rawName !== undefined && takesAnyBytes && entry.name.length <= longestComponent
    if (isRaw) return safeRawName(entry.rawName)
    return safeName(entry.name, this.#platform)
  }
}
