import type { FoundState } from '../protection/open-healed'
import type { findSnapshot } from '../snapshot'
import type { ArchiveSource } from '../storage'
import { unlockSource, type UnlockOptions } from './unlock'

/**
 * Finds the state of an archive behind its password, which is asked for once, however often a damaged file has to be looked at: what the
 * password opens may itself have to be repaired.
 */
export class UnlockedStates {
  readonly #find: typeof findSnapshot
  readonly #unlock: UnlockOptions
  readonly #sources: ArchiveSource[] = []

  constructor(find: typeof findSnapshot, unlock: UnlockOptions) {
    this.#find = find
    this.#unlock = unlock
  }

  /** @throws LmzError as unlocking and finding do */
  async find(file: ArchiveSource, name: string): Promise<FoundState> {
    const known = this.#sources.at(-1)?.encryption?.masterKey ?? this.#unlock.masterKey
    const source = await unlockSource(file, name, { ...this.#unlock, masterKey: known })
    this.#sources.push(source)
    return { snapshot: await this.#find(source, name), source }
  }

  /** Overwrites the keys of all that was unlocked, but for the source that stays in use. */
  forgetAllBut(kept?: ArchiveSource): void {
    for (const source of this.#sources) if (source !== kept) source.encryption?.forget()
  }
}
