import { type EntryKind, entryKinds } from '../contract/entry'

/** A name has at most 255 characters of 4 bytes; what a file system takes is checked when a file is created. */
export const longestName = 255 * 4
/** Bytes of a symlink's target. */
export const longestTarget = 4096
/** Components of a path. Deeper trees are refused, so that nothing has to recurse without bound. */
export const deepestPath = 2000
/** So that finding one file's place in its block stays quick, however small the files are. */
export const mostChunksInBlock = 65_536
export const longestSettingKey = 64
export const longestSettingValue = 65_536
export const largestMode = 0o7777
/** Frame headers have 32 bits for a block's id. */
export const largestBlockId = 0xffff_ffff
/** As many as fit the field of a block's frame header. */
export const largestPrimerId = 0xffff_ffff

const kindsByNumber = new Map<number, EntryKind>(
  Object.entries(entryKinds).map(([kind, number]) => [number, kind as EntryKind]),
)

export function entryKindOf(number: number): EntryKind | undefined {
  return kindsByNumber.get(number)
}

/** What an entry row states, before anything else is known of it. */
export interface EntryFacts {
  readonly name: string
  readonly rawName?: Uint8Array | undefined
  readonly kind: EntryKind
  readonly mode: number
  readonly content?: number | undefined
  readonly target?: string | undefined
  readonly link?: number | undefined
}

/**
 * The rules that one entry keeps by itself, for writers and readers.
 * @returns what is wrong with it, as the end of a sentence, or undefined
 */
export function entryFault(entry: EntryFacts): string | undefined {
  const { kind, mode, rawName, target } = entry
  const nameIsWrong = nameFault(entry.name)
  if (nameIsWrong !== undefined) return nameIsWrong
  if (rawName !== undefined && rawNameFault(rawName) !== undefined) return rawNameFault(rawName)
  if (!Number.isInteger(mode) || mode < 0 || mode > largestMode) return `its mode ${mode} is not one of 0 to 0o7777`
  if (entry.content !== undefined && kind !== 'file') return `it is a ${kind} with contents`
  if ((entry.link !== undefined) !== (kind === 'hardLink')) return `it is a ${kind}, and only hard links have a link`
  if ((target !== undefined) !== (kind === 'symlink')) return `it is a ${kind}, and only symlinks have a target`
  return target === undefined ? undefined : targetFault(target)
}

/** Names that Windows would misread are legal here; what is written to a disk is decided at extraction. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'its name is empty'
  if (name === '.' || name === '..') return `its name is "${name}"`
  if (name.includes('/')) return 'its name has a "/"'
  if (name.includes('\0')) return 'its name has a NUL character'
  if (!name.isWellFormed()) return 'its name is not valid Unicode'
  if (isLonger(name, longestName)) return `its name is longer than ${longestName} bytes`
  return undefined
}

/** Exact bytes are only kept where the name cannot say them; otherwise the two could contradict each other. */
function rawNameFault(rawName: Uint8Array): string | undefined {
  if (rawName.length === 0 || rawName.length > longestName) return `its raw name has ${rawName.length} bytes`
  if (rawName.includes(0) || rawName.includes(0x2f)) return 'its raw name has a "/" or a NUL byte'
  const bytes = Buffer.from(rawName.buffer, rawName.byteOffset, rawName.length)
  return bytes.equals(Buffer.from(bytes.toString('utf8'))) ? 'its raw name is valid UTF-8' : undefined
}

function targetFault(target: string): string | undefined {
  if (target === '') return 'its target is empty'
  if (target.includes('\0')) return 'its target has a NUL character'
  if (!target.isWellFormed()) return 'its target is not valid Unicode'
  if (isLonger(target, longestTarget)) return `its target is longer than ${longestTarget} bytes`
  return undefined
}

/** Whether a string has more than `limit` bytes in UTF-8; short ones are not measured. */
export function isLonger(text: string, limit: number): boolean {
  return text.length * 3 > limit && Buffer.byteLength(text) > limit
}
