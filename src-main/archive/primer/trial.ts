import type { Primer } from '../../codecs/codec'
import type { ContentKind } from '../../contract/content-kind'
import { frameHeaderLength } from '../../format/frame'
import type { CandidateChoice } from '../workers/tasks'
import type { WorkerPool } from '../workers/worker-pool'

/** What primers are tried on. */
export interface TrialData {
  readonly kind: ContentKind
  readonly candidate: CandidateChoice
  /** Stretches as they stand at the start of a block. */
  readonly tests: readonly Uint8Array[]
  /** What they take without a primer. */
  readonly plain: readonly number[]
  readonly groupBytes: number
  readonly blockSize: number
}

/** What was found out of a primer. All sizes in bytes of the archive. */
export interface Trial {
  readonly primer: Primer
  /** What the blocks of the group save by it. */
  readonly saved: number
  /** What storing it may take. */
  readonly price: number
  /** What the group takes without a primer. */
  readonly plainSize: number
}

/**
 * Share of what the group takes that a primer must save: less is within the error of a trial, and would not be worth the time
 * that reading the primer takes whenever a file is taken out.
 */
const leastShare = 0.02

/** Whether a primer makes the archive smaller by enough to be stored, or used. */
export function doesPay(trial: Trial): boolean {
  return gainOf(trial) > trial.plainSize * leastShare
}

/** Whether a larger primer of the same data might: its gain has never been twice as much (measured: up to 1.6 times). */
export function mayPay(trial: Trial): boolean {
  return 2 * gainOf(trial) > trial.plainSize * leastShare
}

/** By how much the archive gets smaller: the two-part code without the primer less that with it. */
export function gainOf({ saved, price }: Trial): number {
  return price === 0 ? saved : saved - price - frameHeaderLength
}

/** Chosen segments say much in few bytes: they take so many times the price of other data (measured: 1.4 to 1.7). */
const richness = 1.5
/**
 * Behind the end of a test a primer goes on saving, ever less: in a block of n times the length it saves n to this power as
 * much (measured: 0.24 to 0.36 up to four times, 0.04 to 0.24 up to sixteen).
 */
const growthExponent = 0.2
const ownPieceLength = 1024
const ownPieces = 4

/**
 * Tries a primer whose bytes come from the group itself. They are in its blocks too, and take next to nothing there: so most
 * of the primer's price comes back.
 */
export async function tryNew(primer: Primer, data: TrialData, pool: WorkerPool): Promise<Trial> {
  const { kind, candidate, tests, plain } = data
  const own = ownSample(primer.bytes)
  const primed = await pool.run('measure', { blocks: [...tests, own], kind, candidate, primer })
  const length = primer.bytes.length * richness
  const testLength = lengthOf(tests)
  const otherRate = sum(primed.slice(0, tests.length)) / testLength
  const ownRate = (primed.at(-1) ?? 0) / own.length / richness
  return {
    primer,
    saved: savedByBlocks(data, primed) + length * Math.max(0, otherRate - ownRate),
    price: length * (sum(plain) / testLength),
    plainSize: plainSizeOf(data),
  }
}

/** Tries a primer that is in the archive already, and so has no price. */
export async function tryStored(primer: Primer, data: TrialData, pool: WorkerPool): Promise<Trial> {
  const { kind, candidate, tests } = data
  const primed = await pool.run('measure', { blocks: tests, kind, candidate, primer })
  return { primer, saved: savedByBlocks(data, primed), price: 0, plainSize: plainSizeOf(data) }
}

/** From what the tests save at the start of a block to what all blocks of the group save. */
function savedByBlocks({ tests, plain, groupBytes, blockSize }: TrialData, primed: readonly number[]): number {
  const saved = plain.reduce((total, length, at) => total + length - (primed[at] ?? length), 0) / plain.length
  const testLength = lengthOf(tests) / tests.length
  const growth = Math.max(1, blockSize / testLength) ** growthExponent
  return saved * growth * (groupBytes / blockSize)
}

function plainSizeOf({ tests, plain, groupBytes }: TrialData): number {
  return (groupBytes * sum(plain)) / lengthOf(tests)
}

function lengthOf(tests: readonly Uint8Array[]): number {
  return sum(tests.map(({ length }) => length))
}

/** Pieces of the primer from far apart, in another order than there. */
function ownSample(bytes: Uint8Array): Uint8Array {
  const count = Math.min(ownPieces, Math.floor(bytes.length / ownPieceLength))
  if (count === 0) return bytes
  const sample = new Uint8Array(new SharedArrayBuffer(count * ownPieceLength))
  const stride = Math.floor(bytes.length / count / ownPieceLength) * ownPieceLength
  for (let piece = 0; piece < count; piece++) {
    const from = (count - 1 - piece) * stride
    sample.set(bytes.subarray(from, from + ownPieceLength), piece * ownPieceLength)
  }
  return sample
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
