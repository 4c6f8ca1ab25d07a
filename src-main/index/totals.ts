import { entryKinds } from '../contract/entry'
import { LmzError } from '../contract/error'
import type { Row } from './sqlite-value'
import { fault, natural } from './rows'

export interface IndexTotals {
  readonly entries: number
  readonly files: number
  readonly directories: number
  readonly symlinks: number
  readonly hardLinks: number
  /** Files whose bytes are in the archive; fewer than `files` only in a checkpoint. */
  readonly storedFiles: number
  /** Sum of the sizes of all files; hard links are not counted again. */
  readonly rawBytes: number
  /** What is left of them after deduplication: the raw bytes of all blocks. */
  readonly uniqueBytes: number
  readonly blocks: number
  readonly blocksByCodec: Readonly<Record<number, number>>
}

/** Runs a statement and gives all rows, integers as bigint. */
export type Query = (sql: string) => Row[]

/**
 * Sums over whole tables (about 0.4 s for a million entries); for a database whose structure has been checked. Sizes out
 * of range are refused, since a negative one could make a huge archive look small.
 * @throws LmzError `Format`, `Limit` for sums over 2^53
 */
export function totalsOf(query: Query): IndexTotals {
  const byKind = new Map(query('SELECT kind, count(*) FROM entry GROUP BY kind LIMIT 5').map(pairOf))
  const [files] = query(`SELECT count(*), coalesce(sum(c.size), 0), min(c.size), max(c.size)
    FROM entry AS e JOIN content AS c ON c.id = e.content WHERE e.kind = ${entryKinds.file}`)
  const [blocks] = query('SELECT count(*), coalesce(sum(raw_length), 0), min(raw_length), max(raw_length) FROM block')
  const codecs = query('SELECT codec, count(*) FROM block GROUP BY codec LIMIT 257').map(pairOf)
  return {
    entries: [...byKind.values()].reduce((sum, count) => sum + count, 0),
    files: byKind.get(entryKinds.file) ?? 0,
    directories: byKind.get(entryKinds.directory) ?? 0,
    symlinks: byKind.get(entryKinds.symlink) ?? 0,
    hardLinks: byKind.get(entryKinds.hardLink) ?? 0,
    storedFiles: Number(files?.[0] ?? 0),
    rawBytes: sumOf(files, 'files'),
    uniqueBytes: sumOf(blocks, 'blocks'),
    blocks: Number(blocks?.[0] ?? 0),
    blocksByCodec: Object.fromEntries(codecs),
  }
}

function pairOf([key, count]: Row): [number, number] {
  return [natural(key, 0, 'a group of rows', 'number'), natural(count, 0, 'a group of rows', 'count')]
}

function sumOf(row: Row | undefined, what: string): number {
  const [count, sum, least, most] = row ?? []
  if (count === undefined || count === 0n) return 0
  natural(least, 0, what, 'smallest size')
  natural(most, 0, what, 'largest size')
  if (typeof sum !== 'bigint') throw fault(what, 'their sizes have no sum')
  if (sum > BigInt(Number.MAX_SAFE_INTEGER))
    throw new LmzError('Limit', `The ${what} of the archive claim ${sum} bytes.`)
  return Number(sum)
}
