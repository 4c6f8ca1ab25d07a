import { LmzError } from '../../contract/error'
import { formatBytes } from '../../contract/format-bytes'
import { type Footer } from '../../format/footer'
import { findLastFooter } from '../../format/scan'
import type { ArchiveSource } from '../storage'
import { type FoundRuns, runsOfFooter, scanForRuns } from './find-runs'
import type { Patch } from './patch'
import { Healer, type Stretch } from './healer'
import { runSteps, runStepsInTurns } from './steps'

/**
 * Repairs, in memory, what is read of one open archive. Nothing is looked at before something is found damaged, so that an archive that is
 * whole is read as fast as without parity.
 */
export class Repairs {
  readonly #source: ArchiveSource
  readonly #footer: Footer | undefined
  #healer: Healer | undefined
  /** Whether it was found out if there is parity. */
  #isKnown: boolean
  #queue: Promise<unknown> = Promise.resolve()

  /** @param healer if it is known already what protects the archive */
  constructor(source: ArchiveSource, footer: Footer | undefined, healer?: Healer) {
    this.#source = source
    this.#footer = footer
    this.#healer = healer
    this.#isKnown = healer !== undefined
  }

  /**
   * Looks at stretches of the archive that something is wrong with, and heals what can be healed.
   * @returns whether there is now anything to be read in the place of them
   */
  async heal(stretches: readonly Stretch[]): Promise<boolean> {
    // One after the other: what one finds out spares the others the work.
    const work = this.#queue.then(() => runStepsInTurns(this.#healSteps(stretches)))
    this.#queue = work.catch(() => undefined)
    return work
  }

  /** The same at once, for those who cannot wait for others. */
  healNow(stretches: readonly Stretch[]): boolean {
    return runSteps(this.#healSteps(stretches))
  }

  /** What a reader must take from elsewhere, as far as it is known. */
  patches(stretches: readonly Stretch[]): readonly Patch[] {
    const healer = this.#healer
    if (healer === undefined) return []
    return stretches.flatMap(({ position, length }) => healer.patches(position, length))
  }

  /** The healer, once something was found damaged in an archive that has parity. */
  get healer(): Healer | undefined {
    return this.#healer
  }

  /** @throws LmzError `Format` for parity that describes what cannot be */
  *find(): Generator<void, Healer | undefined> {
    if (this.#isKnown) return this.#healer
    const found = yield* findRuns(this.#source, this.#footer)
    if (found.runs.length > 0) this.#healer = new Healer(this.#source, this.#source.descriptor, found)
    this.#isKnown = true
    return this.#healer
  }

  close(): void {
    this.#healer?.close()
  }

  *#healSteps(stretches: readonly Stretch[]): Generator<void, boolean> {
    const healer = yield* this.#findIfSound()
    if (healer === undefined) return false
    for (const { position, length } of stretches) yield* healer.heal(position, length)
    return this.patches(stretches).length > 0
  }

  /** Parity that makes no sense is no help, but no reason to read less than without it. */
  *#findIfSound(): Generator<void, Healer | undefined> {
    try {
      return yield* this.find()
    } catch (cause) {
      if (!(cause instanceof LmzError) || !['Format', 'Limit'].includes(cause.code)) throw cause
      this.#isKnown = true
      return undefined
    }
  }
}

/** By the footer where that is possible; otherwise by a search of the whole file. */
function* findRuns(source: ArchiveSource, footer: Footer | undefined): Generator<void, FoundRuns> {
  if (footer !== undefined && footer.parity === undefined) return { runs: [], shifts: [0], tailShift: 0 }
  const named = footer === undefined ? undefined : runsOfFooter(source, footer)
  return named ?? (yield* scanForRuns(source, 0, footer?.archiveId))
}

/** What was healed, as people need to know it; undefined if nothing was. */
export function describeHealed(healer: Healer): string | undefined {
  const stretches = healer.stretches('healed')
  const moved = healer.stretches('moved')
  if (stretches.length === 0 && moved.length === 0) return undefined
  const parts: string[] = []
  if (stretches.length > 0) {
    const bytes = stretches.reduce((sum, { length }) => sum + length, 0)
    parts.push(`${formatBytes(bytes)} ${placesOf(stretches)}`)
  }
  if (moved.length > 0)
    parts.push(`${formatBytes(moved.reduce((sum, { length }) => sum + length, 0))} not at their place`)
  return parts.join(', ')
}

const mostPlaces = 3

function placesOf(stretches: readonly Stretch[]): string {
  const places = stretches.slice(0, mostPlaces).map(({ position, length }) => `${position} to ${position + length - 1}`)
  const more = stretches.length - places.length
  return `(bytes ${places.join(', ')}${more > 0 ? ` and ${more} other places` : ''})`
}

/** The newest footer at its place; undefined if there is none, or one that makes no sense. */
export function lastFooterIfSound(source: ArchiveSource): Footer | undefined {
  try {
    return findLastFooter(source)
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return undefined
    throw cause
  }
}
