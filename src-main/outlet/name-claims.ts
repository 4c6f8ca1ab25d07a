import { foldKey } from './fold-name'
import type { SafeComponent } from './safe-name'

/**
 * Names that are taken where the file system, or what is done to names for it, can make one name of two. Two files of which one
 * would quietly go into the other are found before anything is written. Grows with every entry, so it is only used there;
 * elsewhere the file system itself refuses the second of two equal names.
 */
export class NameClaims {
  readonly #platform: NodeJS.Platform
  readonly #taken = new Set<string>()

  constructor(platform: NodeJS.Platform) {
    this.#platform = platform
  }

  /** False when the name, as the archive has it or as it will be on the disk, is taken in that directory. */
  claim(directoryId: number, name: string, component: SafeComponent): boolean {
    const asNamed = `${directoryId}/${foldKey(name, this.#platform)}`
    const asStored = typeof component === 'string' ? `${directoryId}/${foldKey(component, this.#platform)}` : asNamed
    if (this.#taken.has(asNamed) || this.#taken.has(asStored)) return false
    this.#taken.add(asNamed)
    if (asStored !== asNamed) this.#taken.add(asStored)
    return true
  }
}
