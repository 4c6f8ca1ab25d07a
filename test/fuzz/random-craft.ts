import { zstdCompressSync } from 'node:zlib'
import type { Footer } from '../../src-main/format/footer'
import type { FrameFields } from '../../src-main/format/frame'
import { type Craft, craftArchive, type CraftedBlock, type CraftedPrimer, idOfB } from '../support/crafted-archive'
import type { Random } from '../support/random'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Entries of every kind around the files of the blocks. */
const furtherEntries = `INSERT INTO entry VALUES (20, 0, 'folder', NULL, 1, 493, 0, NULL, NULL, NULL),
  (21, 20, 'inner', NULL, 0, 420, 0, 1, NULL, NULL), (22, 20, 'soft', NULL, 2, 511, 0, NULL, '../a', NULL),
  (23, 0, 'hard', NULL, 3, 420, 0, NULL, NULL, 1), (24, 20, 'deeper', NULL, 1, 493, 0, NULL, NULL, NULL),
  (25, 24, 'copy', NULL, 0, 420, 0, 2, NULL, NULL)`

const columns = {
  entry: ['id', 'parent', 'name', 'raw_name', 'kind', 'mode', 'mtime_ns', 'content', 'target', 'link'],
  content: ['id', 'size', 'first_chunk', 'chunk_count'],
  extent: ['content', 'sequence', 'first_chunk', 'chunk_count'],
  chunk: ['id', 'length'],
  block: [
    'id',
    'first_chunk',
    'chunk_count',
    'position',
    'stored_length',
    'raw_length',
    'codec',
    'kind',
    'model',
    'primer',
  ],
  primer: ['id', 'position', 'stored_length', 'raw_length', 'codec', 'kind'],
  setting: ['key', 'value'],
} as const

const tables = Object.keys(columns) as [keyof typeof columns, ...(keyof typeof columns)[]]

/** Numbers that programs stumble over, of at most so many bits. */
function awkward(random: Random, bits: number): number {
  const limit = 2 ** Math.min(bits, 53)
  const near = 2 ** random.below(Math.min(bits, 53))
  const number = random.pick([
    0,
    1,
    limit - 1,
    limit / 2,
    near,
    near - 1,
    near + 1,
    random.below(limit),
    random.below(5000),
  ])
  return Math.min(Math.max(0, Math.floor(number)), limit - 1)
}

function awkwardHeader(random: Random): Partial<FrameFields> {
  const fields: Writable<Partial<FrameFields>> = {}
  const changes: readonly [() => void, ...(() => void)[]] = [
    () => (fields.type = random.pick([1, 2, 3, 4, 5, 6, awkward(random, 8)])),
    () => (fields.codec = random.pick([0, 1, awkward(random, 8)])),
    () => (fields.flags = random.pick([1, 0x100, 0x101, awkward(random, 16)])),
    () => (fields.archiveTag = random.pick([idOfB.readUInt32LE(0), awkward(random, 32)])),
    () => (fields.id = awkward(random, 32)),
    () => (fields.rawLength = awkward(random, 48)),
    () => (fields.storedLength = awkward(random, 48)),
    () => (fields.trailerLength = awkward(random, 24)),
    () => (fields.kind = awkward(random, 8)),
    () => (fields.primer = awkward(random, 32)),
    () => (fields.contentHash = random.bytes(16)),
  ]
  for (let count = 1 + random.below(2); count > 0; count--) random.pick(changes)()
  return fields
}

function awkwardFooter(random: Random): Partial<Footer> {
  const place = { position: awkward(random, 53), hash: random.bytes(16) }
  return random.pick<Partial<Footer>>([
    { sequence: awkward(random, 32) },
    { major: awkward(random, 16) },
    { features: awkward(random, 32) },
    { archiveId: idOfB },
    { index: { ...place, length: awkward(random, 53) } },
    { previous: place },
    { position: awkward(random, 53) },
    { timeMs: awkward(random, 53) },
    { keySlots: awkward(random, 53) },
  ])
}

function awkwardValue(random: Random): string {
  const integer = BigInt(awkward(random, 53)) * (random.below(2) === 0 ? 1n : 1024n)
  return random.pick([
    String(integer),
    `-${integer}`,
    String(random.below(30)),
    String(random.below(30)),
    '9223372036854775807',
    '-9223372036854775807 - 1',
    'NULL',
    '1.5',
    "'..'",
    "'a/b'",
    "'a'",
    "'x' || char(0)",
    "x'ff00'",
    `printf('%.*c', ${random.below(70_000)}, 'x')`,
    `zeroblob(${random.below(100_000)})`,
  ])
}

function awkwardSql(random: Random): string {
  const table = random.pick(tables)
  const column = columns[table][random.below(columns[table].length)] ?? 'id'
  const key = columns[table][0]
  const some = `WHERE ${key} IN (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT 1 OFFSET ${random.below(8)})`
  return random.pick([
    `UPDATE ${table} SET ${column} = ${awkwardValue(random)} ${some}`,
    `UPDATE ${table} SET ${column} = ${column} + ${random.below(5) - 2} ${some}`,
    `UPDATE ${table} SET ${column} = ${awkwardValue(random)}`,
    `DELETE FROM ${table} ${some}`,
    `INSERT OR REPLACE INTO ${table} VALUES (${columns[table].map(() => awkwardValue(random)).join(', ')})`,
  ])
}

/** Changes bytes of a database; its first page, which is compared as a whole, less often. */
function awkwardDatabase(random: Random): (right: Uint8Array) => Uint8Array {
  return (right) => {
    const bytes = Buffer.from(right)
    const from = random.below(10) === 0 ? 0 : 4096
    for (let count = 1 + random.below(8); count > 0; count--) {
      const at = from + random.below(bytes.length - from)
      bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256), (bytes[at] ?? 0) ^ (1 << random.below(8))])
    }
    return bytes
  }
}

/** Cuts, joins and flips whole archives; no checksum is put right. */
function torn(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length)
  const to = at + random.below(bytes.length - at)
  const flipped = Buffer.from(bytes)
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
  return random.pick([
    flipped,
    bytes.subarray(0, at),
    bytes.subarray(at),
    Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]),
    Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]),
    Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(2000)), bytes.subarray(at)]),
    Buffer.concat([bytes, bytes.subarray(64)]),
    Buffer.concat([bytes, bytes]),
  ])
}

export interface RandomArchive {
  readonly bytes: Buffer
  /** What may come out; undefined if the index was changed, since then it is the index that says what files are. */
  readonly files: Readonly<Record<string, readonly Uint8Array[]>> | undefined
  readonly description: string
}

/** @throws for changes that even an untyped database refuses */
export function randomArchive(random: Random): RandomArchive {
  const newPrimer = (): Writable<CraftedPrimer> => {
    return { bytes: random.bytes(1 + random.below(300)), codec: random.below(2) }
  }
  const primers: Writable<CraftedPrimer>[] = Array.from({ length: random.below(3) }, newPrimer)
  const parts: Record<string, Buffer[]> = {}
  const names = ['a', 'b', 'c', 'd', 'a', 'b', 'long', 'long', 'long']
  const newBlock = (): Writable<CraftedBlock> => {
    const files: Record<string, Buffer> = {}
    for (let count = 1 + random.below(3); count > 0; count--) {
      const name = names[random.below(names.length)] ?? 'a'
      if (name in files) continue
      const bytes =
        random.below(2) === 0 ? random.bytes(1 + random.below(300)) : Buffer.alloc(1 + random.below(3000), name)
      files[name] = bytes
      ;(parts[name] ??= []).push(bytes)
    }
    const primer = random.below(primers.length + 1)
    return { files, codec: random.below(2), ...(primer === 0 ? {} : { primer }) }
  }
  const blocks: Writable<CraftedBlock>[] = Array.from({ length: 2 + random.below(4) }, newBlock)
  const craft: Writable<Craft> = { primers, blocks, tamper: furtherEntries }
  const first = Object.values(parts)
  const files: Record<string, Buffer[]> = {}
  for (const [name, pieces] of Object.entries(parts)) files[name] = [Buffer.concat(pieces)]
  files['folder/inner'] = [Buffer.concat(first[0] ?? [])]
  files['folder/deeper/copy'] = [Buffer.concat(first[1] ?? [])]

  const truth = { ofIndex: true, ofBytes: true }
  const description: string[] = []
  const lies: readonly [() => unknown, ...(() => unknown)[]] = [
    () => ((blocks[random.below(blocks.length)] ?? newBlock()).header = awkwardHeader(random)),
    () =>
      ((blocks[random.below(blocks.length)] ?? newBlock()).stored = random.pick([
        random.bytes(random.below(500)),
        zstdCompressSync(random.bytes(random.below(9000))),
      ])),
    () => ((primers[random.below(primers.length)] ?? newPrimer()).header = awkwardHeader(random)),
    () => ((primers[random.below(primers.length)] ?? newPrimer()).stored = random.bytes(random.below(500))),
    () => (craft.indexHeader = awkwardHeader(random)),
    () => (craft.footer = awkwardFooter(random)),
    () => (truth.ofBytes = false),
    () => {
      truth.ofIndex = false
      const sql = awkwardSql(random)
      craft.tamper = `${craft.tamper ?? ''}; ${sql}`
      return sql
    },
    () => {
      truth.ofIndex = false
      craft.database = awkwardDatabase(random)
      return 'database'
    },
  ]
  for (let count = 1 + random.below(3); count > 0; count--) {
    const lie = random.pick([...lies, lies[7] ?? lies[0], lies[8] ?? lies[0]])
    description.push(JSON.stringify(lie()))
  }
  const { bytes } = craftArchive(craft)
  return {
    bytes: truth.ofBytes ? bytes : torn(random, bytes),
    files: truth.ofIndex ? files : undefined,
    description: description.join(' + '),
  }
}
