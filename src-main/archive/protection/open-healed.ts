import { isDamage, LmzError } from '../../contract/error'
import { footerEnd } from '../../format/footer'
import { decodeHeader, headerLength } from '../../format/header'
import type { Snapshot } from '../snapshot'
import type { ArchiveSource } from '../storage'
import { scanForRuns } from './find-runs'
import { HealedView } from './healed-view'
import { Healer } from './healer'
import { lastFooterIfSound, Repairs } from './repairs'
import { runStepsInTurns } from './steps'

/** An archive's state, and how its bytes are read. */
export interface OpenedState {
  readonly snapshot: Snapshot
  /** The file, or a view in which it is repaired. */
  readonly source: ArchiveSource
  readonly repairs: Repairs
  /** Whether the state could only be read, or only be found, by repairing. */
  readonly isRepaired: boolean
}

/** A state that was found, and the source it was read from: the one given or, of an encrypted archive, one that opens its frames. */
export interface FoundState {
  readonly snapshot: Snapshot
  readonly source: ArchiveSource
}

type Find = (source: ArchiveSource, name: string) => Promise<FoundState>

/**
 * Finds the state to read. If it is not that of an intact archive, and there is parity, it is looked for again in a view in which
 * all that is covered is repaired.
 * @throws LmzError as `find` does
 */
export async function findHealed(find: Find, source: ArchiveSource, name: string): Promise<OpenedState> {
  const plain = await tried(find, source, name)
  if ('snapshot' in plain && plain.snapshot.condition === 'intact') return asFound(plain)
  const healer = await healerFor(source, 'snapshot' in plain ? plain.snapshot : undefined)
  if (healer === undefined) {
    if ('snapshot' in plain) return asFound(plain)
    throw plain.failure
  }
  const healed = await tried(find, new HealedView(source, healer), name)
  if ('snapshot' in healed && (!('snapshot' in plain) || isBetter(healed.snapshot, plain.snapshot))) {
    if ('snapshot' in plain) plain.snapshot.index.close()
    return { ...healed, repairs: new Repairs(source, healed.snapshot.footer, healer), isRepaired: true }
  }
  if ('snapshot' in healed) healed.snapshot.index.close()
  if ('snapshot' in plain) {
    return { ...plain, repairs: new Repairs(source, plain.snapshot.footer, healer), isRepaired: false }
  }
  healer.close()
  throw plain.failure
}

function asFound({ snapshot, source }: FoundState): OpenedState {
  return { snapshot, source, repairs: new Repairs(source, snapshot.footer), isRepaired: false }
}

/** What damage can be the reason for, beside what says so. */
const damageCodes = ['Format', 'Limit', 'Unsupported']

async function tried(
  find: Find,
  source: ArchiveSource,
  name: string,
): Promise<FoundState | { readonly failure: LmzError }> {
  try {
    return await find(source, name)
  } catch (cause) {
    if (isDamage(cause) || (cause instanceof LmzError && damageCodes.includes(cause.code))) return { failure: cause }
    throw cause
  }
}

async function healerFor(source: ArchiveSource, snapshot: Snapshot | undefined): Promise<Healer | undefined> {
  const footer = snapshot?.footer
  // Behind a torn end, the state itself is whole: only the end is searched.
  const from = snapshot?.condition === 'torn' && footer !== undefined ? footerEnd(footer) : 0
  const archiveId = footer?.archiveId ?? idOf(source)
  const found = await runStepsInTurns(scanForRuns(source, from, archiveId))
  return found.runs.length === 0 ? undefined : new Healer(source, source.descriptor, found)
}

function idOf(source: ArchiveSource): Uint8Array | undefined {
  try {
    const header = decodeHeader(source.read(0, Math.min(headerLength, source.size)))
    return header?.archiveId ?? lastFooterIfSound(source)?.archiveId
  } catch (cause) {
    if (cause instanceof LmzError && cause.code === 'Unsupported') return undefined
    throw cause
  }
}

const ranks: Readonly<Record<Snapshot['condition'], number>> = { degraded: 0, torn: 1, intact: 2 }

function isBetter(one: Snapshot, other: Snapshot): boolean {
  const [newer, older] = [one.footer?.sequence ?? 0, other.footer?.sequence ?? 0]
  return newer === older ? ranks[one.condition] > ranks[other.condition] : newer > older
}
