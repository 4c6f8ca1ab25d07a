import type { ArchiveSource } from '../storage'
import type { Healer } from './healer'
import { PatchedSource } from './patched-source'
import { runSteps } from './steps'

/**
 * A damaged archive as it was: every byte that is covered by parity is checked when it is read, healed where that is needed and possible, and
 * stands where it stood before bytes were inserted or lost. What cannot be healed is as it is in the file.
 */
export class HealedView implements ArchiveSource {
  readonly size: number
  readonly #below: ArchiveSource
  readonly #healer: Healer

  constructor(below: ArchiveSource, healer: Healer) {
    this.#below = below
    this.#healer = healer
    this.size = Math.max(healer.coveredEnd, below.size - healer.tailShift)
  }

  get seal() {
    return this.#below.seal
  }

  get descriptor(): number {
    return this.#below.descriptor
  }

  read(position: number, length: number): Uint8Array {
    runSteps(this.#healer.heal(position, length))
    return new PatchedSource(this.#below, this.size, this.#healer.patches(position, length)).read(position, length)
  }

  hasShrunk(): boolean {
    return this.#below.hasShrunk()
  }

  close(): void {
    this.#below.close()
  }
}
