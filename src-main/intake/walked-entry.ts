import type { FileStamp } from './file-stamp'
import type { OsPath } from './os-path'

interface WalkedCommon {
  /** 1 for the first entry of a walk, and so on. */
  readonly ordinal: number
  /** The ordinal of the directory that holds it, which came earlier; 0 for the top level. */
  readonly parent: number
  /** 0 for the top level. */
  readonly depth: number
  /** Valid Unicode; unique among the entries of its parent. */
  readonly name: string
  /** The exact bytes of a name that is not valid UTF-8. */
  readonly rawName?: Uint8Array
  /** Where it is on the disk. */
  readonly path: OsPath
  /** Where it will be in the archive, for people and for problems. */
  readonly displayPath: string
  /** 0 to 0o7777. */
  readonly mode: number
  readonly mtimeNs: bigint
}

export interface WalkedDirectory extends WalkedCommon {
  readonly kind: 'directory'
}

export interface WalkedSymlink extends WalkedCommon {
  readonly kind: 'symlink'
  readonly target: string
}

export interface WalkedFile extends WalkedCommon {
  readonly kind: 'file'
  readonly stamp: FileStamp
  /** Equal for all names of one file; only for files that have several. */
  readonly identity?: string
}

export type WalkedEntry = WalkedDirectory | WalkedSymlink | WalkedFile
