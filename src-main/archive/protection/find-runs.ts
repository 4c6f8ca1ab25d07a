import { LmzError } from '../../contract/error'
import type { ByteSource } from '../../format/byte-source'
import type { Footer } from '../../format/footer'
import { equalBytes, frameHeaderLength } from '../../format/frame'
import { decodeRecordHeader, type ParityRecord, placeOfRecord, recordMagic } from '../../format/parity/record'
import { type ParityRun, recordHeaderLength } from '../../format/parity/run'

/** The runs that protect an archive, in the order of the file. */
export interface FoundRuns {
  readonly runs: readonly ParityRun[]
  /**
   * By how many bytes parts of the archive were found behind their places (negative: before), because bytes were inserted or are
   * missing; 0 is always among them, and first.
   */
  readonly shifts: readonly number[]
  /** The one of what is left of the newest parity frame, and so of all behind it. */
  readonly tailShift: number
}

const windowLength = 1024 * 1024
/** A file can claim to have any number of parts that lie elsewhere; each is a place more to look for a cell. */
const mostShifts = 16
const mostRuns = 100_000

/**
 * Follows the chain of parity frames that a footer names: two small reads for each.
 * @returns undefined if it cannot be followed to its end, since some of them are damaged
 * @throws LmzError `Format` for a frame that describes what cannot be
 */
export function runsOfFooter(source: ByteSource, footer: Footer): FoundRuns | undefined {
  const { parity, archiveId } = footer
  if (parity === undefined) return { runs: [], shifts: [0], tailShift: 0 }
  const runs: ParityRun[] = []
  let next = { ...parity, end: parity.position + parity.length }
  while (runs.length < mostRuns) {
    const run = descriptionAt(source, next, archiveId)
    if (run === undefined) return undefined
    if (run.end !== next.end || run.end > source.size) {
      throw new LmzError('Format', `The parity record at byte ${next.position} is not as long as it says.`)
    }
    runs.unshift(run)
    const { previous, from } = run.description
    if (previous.position === 0) return { runs, shifts: [0], tailShift: 0 }
    next = { ...previous, length: from - previous.position, end: from }
  }
  throw new LmzError('Limit', 'The archive claims more parity records than lmz follows.')
}

interface FramePlace {
  readonly position: number
  readonly end: number
  readonly hash: Uint8Array
}

/** The description stands in front of a frame's records and behind them. @throws LmzError `Format` if neither can be */
function descriptionAt(
  source: ByteSource,
  { position, end, hash }: FramePlace,
  archiveId: Uint8Array,
): ParityRun | undefined {
  let fault: LmzError | undefined
  for (const at of [position + frameHeaderLength, end - recordHeaderLength]) {
    try {
      const run = recordAt(source, at)?.run
      const isOwn = run !== undefined && equalBytes(run.description.archiveId, archiveId)
      if (isOwn && run.description.position === position && equalBytes(run.hash, hash)) return run
    } catch (cause) {
      if (!(cause instanceof LmzError) || cause.code !== 'Format') throw cause
      fault ??= cause
    }
  }
  if (fault !== undefined) throw fault
  return undefined
}

function recordAt(source: ByteSource, position: number): ParityRecord | undefined {
  if (position < 0 || position + recordHeaderLength > source.size) return undefined
  return decodeRecordHeader(source.read(position, recordHeaderLength))
}

/**
 * Searches a file for parity records: what protects an archive whose footers are lost, or that lost or gained bytes.
 * Reads all bytes from `from` on; yields after each window.
 * @param archiveId of the archive; if that is lost, the one that most records are of
 */
export function* scanForRuns(
  source: ByteSource,
  from: number,
  archiveId: Uint8Array | undefined,
): Generator<void, FoundRuns> {
  const found = new Map<string, FoundRun>()
  const overlap = recordMagic.length - 1
  for (let start = from; start + recordHeaderLength <= source.size; start += windowLength) {
    const window = source.read(start, Math.min(windowLength + overlap, source.size - start))
    const bytes = Buffer.from(window.buffer, window.byteOffset, window.length)
    for (let at = bytes.indexOf(recordMagic); at !== -1; at = bytes.indexOf(recordMagic, at + 1)) {
      note(found, source, start + at)
    }
    yield
  }
  const id = archiveId ?? commonestArchive(found.values())
  const own = [...found.values()].filter(({ run }) => id !== undefined && equalBytes(run.description.archiveId, id))
  return chainOf(source, own)
}

interface FoundRun {
  readonly run: ParityRun
  records: number
  /** How many records were found how far from their places. */
  readonly shifts: Map<number, number>
  lastShift: number
}

function note(found: Map<string, FoundRun>, source: ByteSource, position: number): void {
  const record = soundRecordAt(source, position)
  if (record === undefined) return
  const { run } = record
  // What lies so far behind the end of the file was never part of it; and a few bytes must not claim gigabytes of parity to be looked for.
  if (run.end > source.size * 2 + windowLength) return
  const key = Buffer.from(run.hash).toString('hex')
  const known = found.get(key) ?? { run, records: 0, shifts: new Map<number, number>(), lastShift: 0 }
  if (found.size >= mostRuns && !found.has(key)) return
  found.set(key, known)
  known.records++
  const place = placeOfRecord(record)
  if (place === undefined) return
  known.lastShift = position - place
  known.shifts.set(position - place, (known.shifts.get(position - place) ?? 0) + 1)
}

/** In a search, a record that describes what cannot be is none. */
function soundRecordAt(source: ByteSource, position: number): ParityRecord | undefined {
  try {
    return recordAt(source, position)
  } catch (cause) {
    if (cause instanceof LmzError && cause.code === 'Format') return undefined
    throw cause
  }
}

function commonestArchive(found: Iterable<FoundRun>): Uint8Array | undefined {
  const counts = new Map<string, number>()
  let best: { readonly id: Uint8Array; readonly count: number } | undefined
  for (const { run, records } of found) {
    const { archiveId } = run.description
    const key = Buffer.from(archiveId).toString('hex')
    const count = (counts.get(key) ?? 0) + records
    counts.set(key, count)
    if (best === undefined || count > best.count) best = { id: archiveId, count }
  }
  return best?.id
}

/** The newest run and those before it, as far as they can be found. */
function chainOf(source: ByteSource, found: readonly FoundRun[]): FoundRuns {
  const byHash = new Map(found.map((one) => [Buffer.from(one.run.hash).toString('hex'), one.run]))
  const newest = found.reduce<FoundRun | undefined>(
    (last, one) => (last === undefined || one.run.description.position > last.run.description.position ? one : last),
    undefined,
  )
  const counts = new Map<number, number>()
  for (const one of found) for (const [shift, count] of one.shifts) counts.set(shift, (counts.get(shift) ?? 0) + count)
  const likeliest = [...counts].sort((left, right) => right[1] - left[1]).map(([shift]) => shift)
  const runs: ParityRun[] = []
  for (let run = newest?.run; run !== undefined && runs.length < mostRuns;) {
    runs.unshift(run)
    const { previous, from, archiveId }: ParityRun['description'] = run.description
    const place = { ...previous, end: from }
    const before =
      byHash.get(Buffer.from(previous.hash).toString('hex')) ?? soundDescriptionAt(source, place, archiveId)
    run = before?.end === from ? before : undefined
  }
  const shifts = [0, ...likeliest.filter((shift) => shift !== 0)].slice(0, mostShifts)
  return { runs, shifts, tailShift: newest?.lastShift ?? 0 }
}

function soundDescriptionAt(source: ByteSource, place: FramePlace, archiveId: Uint8Array): ParityRun | undefined {
  if (place.position === 0) return undefined
  try {
    return descriptionAt(source, place, archiveId)
  } catch (cause) {
    if (cause instanceof LmzError && cause.code === 'Format') return undefined
    throw cause
  }
}
