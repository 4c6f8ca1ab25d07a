import { futimesSync, lutimesSync, utimesSync } from 'node:fs'
import type { DiskPath } from './disk-path'
import { systemCode } from './file-error'

/*
 * Node takes times as seconds in a double, which today is a grid of 238 ns. libuv splits the double into whole seconds
 * and truncated nanoseconds. The nearest point of the grid may lie just under a microsecond's border, so the choice
 * is made among the neighbours: the same microsecond first, then the smallest distance.
 */

const nanosecondsASecond = 1_000_000_000n
/** What fits a signed 64-bit count of nanoseconds; past it no file system lmz knows keeps a time. */
const latest = 9_223_372_036n * nanosecondsASecond
const earliest = -latest

/** What the system call will get for this number of seconds, in nanoseconds since 1970 (`uv__fs_to_timespec`). */
function toNanoseconds(seconds: number): bigint {
  const whole = Math.trunc(seconds)
  return BigInt(whole) * nanosecondsASecond + BigInt(Math.trunc((seconds - whole) * 1e9))
}

function floorToMicrosecond(nanoseconds: bigint): bigint {
  return (nanoseconds - (((nanoseconds % 1000n) + 1000n) % 1000n)) / 1000n
}

/**
 * The number of seconds since 1970 to hand to `node:fs` so that the file's time is `mtimeNs` to the microsecond
 * (from 1834 to 2106; further away the grid itself is coarser). Clamped to what 64 bits of nanoseconds hold.
 */
export function toSeconds(mtimeNs: bigint): number {
  const wanted = mtimeNs < earliest ? earliest : mtimeNs > latest ? latest : mtimeNs
  const nearest = Number(wanted / nanosecondsASecond) + Number(wanted % nanosecondsASecond) / 1e9
  if (toNanoseconds(nearest) === wanted) return nearest
  const step = 2 ** (Math.floor(Math.log2(Math.abs(nearest) || 1e-9)) - 52)
  const microsecond = floorToMicrosecond(wanted)
  let best = nearest
  let bestDistance = Infinity
  for (const candidate of [nearest, nearest + step, nearest - step]) {
    const result = toNanoseconds(candidate)
    const isSameMicrosecond = floorToMicrosecond(result) === microsecond
    const distance = Math.abs(Number(result - wanted)) + (isSameMicrosecond ? 0 : 1e6)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Node replaces negative numbers by the present time, but takes them as text. */
function asArgument(seconds: number): number | string {
  return seconds < 0 ? String(seconds) : seconds
}

/**
 * Runs `apply` with the time, and once more with the nearest time that every file system keeps (1970 to 2038) if this
 * one refuses it: a silly date in an archive is no reason to lose a file. Nor is a file system where times cannot be set.
 */
function withTime(mtimeNs: bigint, apply: (seconds: number | string) => void): void {
  const seconds = toSeconds(mtimeNs)
  try {
    apply(asArgument(seconds))
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EPERM' || code === 'ENOSYS' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') return
    if (code !== 'EINVAL' && code !== 'EOVERFLOW' && code !== 'ERANGE') throw error
    apply(Math.min(Math.max(seconds, 0), 0x7fff_ffff))
  }
}

/** Sets the access and modification time of an open file. */
export function setOpenFileTime(descriptor: number, mtimeNs: bigint): void {
  withTime(mtimeNs, (seconds) => futimesSync(descriptor, seconds, seconds))
}

/** Sets the times of a file or directory of ours; follows links, so never for anything that could be one. */
export function setTime(path: DiskPath, mtimeNs: bigint): void {
  withTime(mtimeNs, (seconds) => utimesSync(path, seconds, seconds))
}

/** Sets the times of a symlink itself. */
export function setLinkTime(path: DiskPath, mtimeNs: bigint): void {
  withTime(mtimeNs, (seconds) => lutimesSync(path, seconds, seconds))
}
