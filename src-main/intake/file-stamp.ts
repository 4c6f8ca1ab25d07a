import type { BigIntStats } from 'node:fs'

/** What tells one state of a file from another. Plain data, so it can be sent to a worker thread. */
export interface FileStamp {
  /** Bytes. */
  readonly size: number
  readonly mtimeNs: bigint
  /** Moves with every write and cannot be set back by a program, as mtime can. */
  readonly ctimeNs: bigint
  readonly device: bigint
  readonly inode: bigint
}

export function stampOf(stats: BigIntStats): FileStamp {
  const { mtimeNs, ctimeNs, dev: device, ino: inode } = stats
  return { size: Number(stats.size), mtimeNs, ctimeNs, device, inode }
}

export function isSameStamp(one: FileStamp, other: FileStamp): boolean {
  return (
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs &&
    one.device === other.device &&
    one.inode === other.inode
  )
}

/** Permission bits, 0 to 0o7777. */
export function modeOf(stats: BigIntStats): number {
  return Number(stats.mode & 0o7777n)
}

/** The same for all names of one file, different for different files that exist at the same time. */
export function fileIdentity(device: bigint, inode: bigint): string {
  return `${device}:${inode}`
}
