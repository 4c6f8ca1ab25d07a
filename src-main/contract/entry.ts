/** What an archive can hold. The numbers are stored in the index and never change meaning. */
export const entryKinds = { file: 0, directory: 1, symlink: 2, hardLink: 3 } as const
export type EntryKind = keyof typeof entryKinds

/** One row of an archive's tree, as shells and verbs see it. */
export interface Entry {
  /** Identifies the entry within one commit; greater than its parent's id. */
  readonly id: number
  /** The id of the directory that holds it; 0 for the top level. */
  readonly parent: number
  /** One path component, valid Unicode, never "", "." or "..", without "/" and NUL. */
  readonly name: string
  /** The exact bytes of a name that is not valid UTF-8 on the system it came from. */
  readonly rawName?: Uint8Array | undefined
  readonly kind: EntryKind
  /** POSIX permission bits, 0 to 0o7777. */
  readonly mode: number
  /** Last modification in nanoseconds since 1970-01-01 UTC. */
  readonly mtimeNs: bigint
  /** File size in bytes (of a hard link: its file's size); 0 for other kinds. */
  readonly size: number
  /** The content id of a file; undefined for other kinds, and for a file an unfinished job had not stored yet. */
  readonly content?: number | undefined
  /** Where a symlink points, as it was on the disk. */
  readonly target?: string | undefined
  /** The id of the file entry a hard link stands for. */
  readonly link?: number | undefined
}
