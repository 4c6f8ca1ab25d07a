import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LmzError, toLmzError } from '../contract/error'
import { type FileStamp, isSameStamp, modeOf, stampOf } from './file-stamp'
import { type OsPath, showOsPath, toFsPath } from './os-path'

export interface StableRead<Result> {
  /** The file's state, the same before and after its bytes were read. */
  readonly stamp: FileStamp
  readonly mode: number
  readonly result: Result
}

/** Reads up to `target.length` bytes from a position in the file; fewer only where the file ends. */
export type ReadAt = (position: number, target: Uint8Array) => number

/** The file changed between the two looks at it. */
const torn = Symbol('torn')

/**
 * O_NOFOLLOW: what has become a symlink since the walk is not read. O_NONBLOCK: opening what has become a named pipe must
 * not wait for a writer; it means nothing for files. Windows has neither, nor the trouble.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- undefined on Windows, whatever the types say
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const attempts = 2

/** A file system's clock ticks every 1 to 10 ms: two writes in one tick leave the same time stamp. */
const settlingMilliseconds = 20

/**
 * Reads from a regular file so that all bytes are of one state of it: size, times and inode are compared before and
 * after. If they differ, it tries once more. What the file was when it was walked does not matter: the stamp that comes back counts.
 *
 * @param read gets the file's present state and reads what it wants of it; may throw an LmzError to refuse
 * @throws LmzError `SourceChanged` if the file keeps changing, is gone, or is not a regular file any more; `Unsupported` for files
 *   that hold bytes but say they are empty (as in /proc); `Io` if it cannot be read
 */
export function readStable<Result>(
  path: OsPath,
  read: (stamp: FileStamp, readAt: ReadAt) => Result,
): StableRead<Result> {
  const subject = showOsPath(path)
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const outcome = readOnce(path, subject, read)
      if (outcome !== torn) return outcome
    }
  } catch (thrown) {
    throw openingError(thrown, subject)
  }
  throw new LmzError('SourceChanged', `${subject} changed while it was being read.`, { subject })
}

function readOnce<Result>(
  path: OsPath,
  subject: string,
  read: (stamp: FileStamp, readAt: ReadAt) => Result,
): StableRead<Result> | typeof torn {
  const descriptor = openSync(toFsPath(path), openFlags)
  try {
    const before = settledStats(descriptor)
    if (!before.isFile()) throw notRegular(subject)
    const stamp = stampOf(before)
    let missing = 0
    const result = read(stamp, (position, target) => {
      const length = readFully(descriptor, position, target)
      missing += Math.min(target.length, stamp.size - position) - length
      return length
    })
    if (stamp.size === 0 && readFully(descriptor, 0, Buffer.alloc(1)) > 0) throw sizeless(descriptor, subject)
    const isStable = isSameStamp(stamp, stampOf(fstatSync(descriptor, { bigint: true })))
    return isStable && missing === 0 ? { stamp, mode: modeOf(before), result } : torn
  } finally {
    closeSync(descriptor)
  }
}

/** A file written to within the last tick is looked at again when another write would show. */
function settledStats(descriptor: number): BigIntStats {
  const stats = fstatSync(descriptor, { bigint: true })
  const age = Date.now() - Number(stats.ctimeNs / 1_000_000n)
  if (age < 0 || age >= settlingMilliseconds) return stats
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, settlingMilliseconds - age)
  return fstatSync(descriptor, { bigint: true })
}

function readFully(descriptor: number, position: number, target: Uint8Array): number {
  let total = 0
  while (total < target.length) {
    const length = readSync(descriptor, target, total, target.length - total, position + total)
    if (length === 0) break
    total += length
  }
  return total
}

/** Either it has just been written, or it is one of the system's files, whose size says nothing. */
function sizeless(descriptor: number, subject: string): LmzError {
  if (fstatSync(descriptor).size > 0) {
    return new LmzError('SourceChanged', `${subject} changed while it was being read.`, { subject })
  }
  const message = `${subject} has contents but no size of its own, as files of the system have; it cannot be stored.`
  return new LmzError('Unsupported', message, { subject })
}

function notRegular(subject: string): LmzError {
  return new LmzError('SourceChanged', `${subject} is not a regular file any more.`, { subject })
}

function openingError(thrown: unknown, subject: string): LmzError {
  switch ((thrown as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new LmzError('SourceChanged', `${subject} vanished before it could be read.`, { subject, cause: thrown })
    case 'ELOOP':
    case 'ENXIO':
      return notRegular(subject)
    default:
      return toLmzError(thrown, `Cannot read ${subject}`, subject)
  }
}
