import { describe, expect, it } from 'vitest'
import type { LmzError } from '../../src-main/contract/error'
import type { ArchiveIndex } from '../../src-main/index/archive-index'
import { IndexWriter } from '../../src-main/index/index-writer'
import { pageSize } from '../../src-main/index/schema'
import {
  finish,
  mtimeNs,
  readEverything,
  sampleBytes,
  sampleWriter,
  tampered,
  withIndex,
} from '../unit/index/sample-index'

/** What an index over the size limit gets: no search for structural damage when it is opened. */
const unchecked = { structureCheckLimit: 0 }

function failure(use: () => void): LmzError {
  try {
    use()
  } catch (error) {
    return error as LmzError
  }
  throw new Error('nothing was refused')
}

/** A hostile index must be refused on opening or by the first use of the row, and by a full check. */
function expectRefusal(bytes: Uint8Array, subject: RegExp, code: RegExp = /^Format$/): void {
  for (const use of [readEverything, (index: ArchiveIndex) => index.checkAll()]) {
    const error = failure(() => withIndex(bytes, use))
    expect([error.name, error.message]).toEqual(['LmzError', expect.any(String)])
    expect(error.code).toMatch(code)
  }
  // Without the structural check, it is the row validators that must catch it, and they name the row.
  const error = failure(() => withIndex(bytes, readEverything, unchecked))
  expect(error.code).toMatch(code)
  expect(error.subject ?? error.message).toMatch(subject)
}

describe('the means of these tests', () => {
  it('change nothing by themselves', () => {
    const bytes = tampered(sampleBytes(), 'SELECT 1')
    expect(Buffer.from(bytes).equals(sampleBytes())).toBe(true)
    withIndex(
      bytes,
      (index) => {
        readEverything(index)
        index.checkAll()
      },
      unchecked,
    )
  })
})

describe('hostile entries', () => {
  const entries: Record<string, string> = {
    'an empty name': "name = ''",
    'the name "."': "name = '.'",
    'the name ".."': "name = '..'",
    'a name with a slash': "name = '../x'",
    'an absolute name': "name = '/etc/passwd'",
    'a name with NUL': "name = 'a' || char(0) || 'b'",
    'a name of 1,021 bytes': "name = replace(hex(zeroblob(510)), '00', 'aa') || 'b'",
    'a name of a million bytes': 'name = hex(zeroblob(500000))',
    'a name with a lone surrogate': "name = CAST(x'61EDA080' AS TEXT)",
    'a name in overlong UTF-8': "name = CAST(x'C0AF' AS TEXT)",
    'a name with a wrong byte': "name = CAST(x'61FF' AS TEXT)",
    'a name cut off inside a character': "name = CAST(x'F09F98' AS TEXT)",
    'a name in UTF-16': "name = CAST(x'61006200' AS TEXT)",
    'a number as name': 'name = 42',
    'a real as name': 'name = 1.5',
    'a blob as name': "name = x'6162'",
    'no name': 'name = NULL',
    'a text as raw name': "raw_name = 'abc'",
    'a raw name that is valid UTF-8': "raw_name = x'6162'",
    'a raw name with a slash': "raw_name = x'FF2F'",
    'an empty raw name': "raw_name = x''",
    'a raw name of a million bytes': 'raw_name = zeroblob(1000000)',
    'an unknown kind': 'kind = 4',
    'a kind of 2^40': 'kind = 1 << 40',
    'a negative kind': 'kind = -1',
    'a text as kind': "kind = 'file'",
    'a real as kind': 'kind = 0.0',
    'no kind': 'kind = NULL',
    'setuid beyond all bits': 'mode = 65536',
    'a negative mode': 'mode = -1',
    'a real as mode': 'mode = 420.0',
    'a text as mtime': "mtime_ns = '2026'",
    'infinity as mtime': 'mtime_ns = 9e999',
    'NULL as mtime': 'mtime_ns = NULL',
    'a parent that does not exist': 'parent = -5',
    'a parent beyond the last entry': 'parent = 1000',
    'itself as parent': 'parent = id',
    'a file as parent': 'parent = 2',
    'a real as parent': 'parent = 1.0',
    'a content that does not exist': 'content = 99',
    'a negative content': 'content = -1',
    'a text as content': "content = '1'",
    'a target on a file': "target = 'x'",
    'a link on a file': 'link = 2',
    'a file without content': 'content = NULL',
  }

  it.each(Object.entries(entries))('are refused: %s', (_name, change) => {
    expectRefusal(tampered(sampleBytes(), `UPDATE entry SET ${change} WHERE id = 4`), /entry 4|entry id/)
  })

  const links: Record<string, string> = {
    'a symlink without target': 'UPDATE entry SET target = NULL WHERE id = 5',
    'a symlink with an empty target': "UPDATE entry SET target = '' WHERE id = 5",
    'a symlink with 5,000 bytes of target': 'UPDATE entry SET target = hex(zeroblob(2500)) WHERE id = 5',
    'a symlink with 20 MB of target': 'UPDATE entry SET target = hex(zeroblob(10000000)) WHERE id = 5',
    'a symlink with NUL in its target': "UPDATE entry SET target = 'a' || char(0) WHERE id = 5",
    'a symlink with a wrong byte in its target': "UPDATE entry SET target = CAST(x'2E2EFF' AS TEXT) WHERE id = 5",
    'a symlink with a blob as target': "UPDATE entry SET target = x'2E2E' WHERE id = 5",
    'a symlink with content': 'UPDATE entry SET content = 1 WHERE id = 5',
    'a hard link to nothing': 'UPDATE entry SET link = NULL WHERE id = 6',
    'a hard link to a missing entry': 'DELETE FROM entry WHERE id = 3',
    'a hard link to a symlink': 'UPDATE entry SET link = 5 WHERE id = 6',
    'a hard link to a directory': 'UPDATE entry SET link = 1 WHERE id = 6',
    'a hard link to itself': 'UPDATE entry SET link = 6 WHERE id = 6',
    'a hard link to a later entry': 'UPDATE entry SET link = 7 WHERE id = 6',
    'hard links in a cycle': 'UPDATE entry SET kind = 3, link = 6, content = NULL WHERE id = 3',
    'a hard link with content': 'UPDATE entry SET content = 2 WHERE id = 6',
    'a directory with content': 'UPDATE entry SET content = 1 WHERE id = 8',
    'parents in a cycle': 'UPDATE entry SET parent = 8 WHERE id = 1',
    'an entry with id 0': 'UPDATE entry SET id = 0 WHERE id = 9',
    'an entry with a negative id': 'UPDATE entry SET id = -9 WHERE id = 9',
    'an entry with an id over 2^53': 'UPDATE entry SET id = 9007199254740993 WHERE id = 9',
    'two entries of one name': "UPDATE entry SET name = 'a.txt' WHERE id = 3",
  }

  it.each(Object.entries(links))('are refused: %s', (_name, sql) => {
    expectRefusal(tampered(sampleBytes(), sql), /entr/)
  })

  it('cannot be listed unless their id leads to them', () => {
    // Entry 4 with id 36 between 3 and 5: whoever goes through the table meets it, whoever looks for it does not.
    const misplaced = Buffer.from(sampleBytes())
    const page = misplaced.subarray(pageSize, 2 * pageSize)
    const cell = page.readUInt16BE(8 + 2 * 3)
    expect(page[cell + 1]).toBe(4)
    page[cell + 1] = 36
    const refused = expect.objectContaining({ code: 'Format' }) as Error
    expect(() => withIndex(misplaced, () => undefined)).toThrow(refused)
    withIndex(
      misplaced,
      (index) => {
        expect(() => [...index.children(1)]).toThrow(refused)
        expect(() => [...index.descendants(0)]).toThrow(refused)
        expect(() => index.child(1, 'copy.txt')).toThrow(refused)
        expect(() => index.checkAll()).toThrow(refused)
      },
      unchecked,
    )
  })

  it('are refused on opening, also without a search for damage, when two have one name or one has none', () => {
    const refused = expect.objectContaining({ code: 'Format' }) as Error
    const names = ["'a.txt'", 'NULL', "x'61'", '7', 'hex(zeroblob(511))']
    for (const name of names) {
      const bytes = tampered(sampleBytes(), `UPDATE entry SET name = ${name} WHERE id = 4`)
      expect(() => withIndex(bytes, () => undefined, unchecked)).toThrow(refused)
    }
    // The same name in another directory is another one.
    const elsewhere = tampered(sampleBytes(), "UPDATE entry SET name = 'a.txt' WHERE id = 9")
    withIndex(elsewhere, (index) => expect(index.resolve(['docs', 'sub', 'a.txt'])?.id).toBe(9), unchecked)
  })

  it('may have names that only Windows would misread: they are data, and extraction decides', () => {
    const writer = IndexWriter.create()
    const names = ['C:x', '..\\x', 'a.txt:ads', 'CON', 'name. ', ' ', '...', '\u202Egpj.exe', 'new\nline', '\x1b[2J']
    for (const name of names) writer.addEntry({ parent: 0, name, kind: 'directory', mode: 0o755, mtimeNs })
    withIndex(finish(writer), (index) => {
      readEverything(index)
      for (const name of names) expect(index.child(0, name)?.name).toBe(name)
    })
  })

  it('cannot make anything recurse: a path of 100,000 folders is over the limit', () => {
    const writer = IndexWriter.create()
    for (let depth = 0; depth < 1999; depth++) {
      writer.addEntry({ parent: depth, name: 'd', kind: 'directory', mode: 0o755, mtimeNs })
    }
    const deep = tampered(
      finish(writer),
      `WITH RECURSIVE n(i) AS (SELECT 2000 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        INSERT INTO entry SELECT i, i - 1, 'd', NULL, 1, 493, 0, NULL, NULL, NULL FROM n`,
    )
    const limit = expect.objectContaining({ code: 'Limit' }) as Error
    withIndex(deep, (index) => {
      expect(() => index.pathOf(100_000)).toThrow(limit)
      expect(() => [...index.descendants(0)]).toThrow(limit)
      expect(() => [...index.descendants(100_000)]).toThrow(limit)
      expect(() => [...index.search('d/*/x')]).toThrow(limit)
      expect(() => index.checkAll()).toThrow(limit)
      expect(index.pathOf(2000)).toHaveLength(2000)
      expect([...index.children(1500)]).toHaveLength(1)
    })
  })
})

describe('hostile contents, chunks and blocks', () => {
  const changes: Record<string, string> = {
    'a content of 2^63-1 bytes': 'UPDATE content SET size = 9223372036854775807 WHERE id = 1',
    'a content of 2^53 bytes': 'UPDATE content SET size = 9007199254740992 WHERE id = 1',
    'a content of -1 bytes': 'UPDATE content SET size = -1 WHERE id = 1',
    'a content of NaN bytes': 'UPDATE content SET size = NULL WHERE id = 1',
    'a content of 300.0 bytes': 'UPDATE content SET size = 300.0 WHERE id = 1',
    'a content that is declared smaller than it is': 'UPDATE content SET size = 299 WHERE id = 1',
    'a content that is declared larger than it is': 'UPDATE content SET size = 301 WHERE id = 1',
    'an empty content with chunks': 'UPDATE content SET first_chunk = 1, chunk_count = 1 WHERE id = 3',
    'an empty content with further runs': 'INSERT INTO extent VALUES(3, 1, 1, 1)',
    'a content of no chunks': 'UPDATE content SET chunk_count = 0 WHERE id = 1',
    'a content of -1 chunks': 'UPDATE content SET chunk_count = -1 WHERE id = 1',
    'a content of 2^60 chunks': 'UPDATE content SET chunk_count = 1 << 60 WHERE id = 1',
    'a content that begins before the first chunk': 'UPDATE content SET first_chunk = 0 WHERE id = 1',
    'a content that begins behind the last chunk': 'UPDATE content SET first_chunk = 7 WHERE id = 1',
    'a content that ends behind the last chunk': 'UPDATE content SET chunk_count = 7 WHERE id = 1',
    'a content with id 0': 'UPDATE content SET id = 0 WHERE id = 4; UPDATE entry SET content = 0 WHERE id = 9',
    'a run that is missing': 'UPDATE extent SET sequence = 2',
    'a run number 0': 'UPDATE extent SET sequence = 0',
    'a run that goes too far': 'UPDATE extent SET chunk_count = 1 << 62',
    'a run at a dangling chunk': 'UPDATE extent SET first_chunk = 99',
    'a real as run number': 'UPDATE extent SET sequence = 1.5',
    'a chunk of no bytes': 'UPDATE chunk SET length = 0 WHERE id = 2',
    'a chunk of -5 bytes': 'UPDATE chunk SET length = -5 WHERE id = 2',
    'a chunk of 2^62 bytes': 'UPDATE chunk SET length = 1 << 62 WHERE id = 2',
    'a chunk of 2^32 bytes more': 'UPDATE chunk SET length = length + (1 << 32) WHERE id = 2',
    'a text as length of a chunk': "UPDATE chunk SET length = '200' WHERE id = 2",
    'no length of a chunk': 'UPDATE chunk SET length = NULL WHERE id = 2',
    'a chunk that is missing': 'DELETE FROM chunk WHERE id = 2',
    'a block of more bytes than its chunks': 'UPDATE block SET raw_length = 1001 WHERE id = 1',
    'a block of fewer bytes than its chunks': 'UPDATE block SET raw_length = 999 WHERE id = 1',
    'a block of 2^40 bytes': 'UPDATE block SET raw_length = 1 << 40 WHERE id = 1',
    'a block of 0 bytes': 'UPDATE block SET raw_length = 0 WHERE id = 1',
    'a block of no chunks': 'UPDATE block SET chunk_count = 0 WHERE id = 1',
    'a block of 10^9 chunks': 'UPDATE block SET chunk_count = 1000000000 WHERE id = 7',
    'a block of more chunks than there are': 'UPDATE block SET chunk_count = 3 WHERE id = 7',
    'blocks that share a chunk': 'UPDATE block SET chunk_count = 5 WHERE id = 1',
    'blocks out of order': 'UPDATE block SET id = 8 WHERE id = 1',
    'a block with id 0': 'UPDATE block SET id = 0 WHERE id = 1',
    'a block with id 2^32': 'UPDATE block SET id = 4294967296 WHERE id = 7',
    'a block that begins at chunk -3': 'UPDATE block SET first_chunk = -3 WHERE id = 1',
    'a block at a negative place': 'UPDATE block SET position = -64 WHERE id = 1',
    'a block inside the archive header': 'UPDATE block SET position = 63 WHERE id = 1',
    'a block at 2^63-1': 'UPDATE block SET position = 9223372036854775807 WHERE id = 7',
    'a block that overlaps another': 'UPDATE block SET position = 627 WHERE id = 7',
    'blocks whose places are swapped': 'UPDATE block SET position = 764 - position',
    'a block beyond the end of the archive': 'UPDATE block SET position = 1000000 - 153 WHERE id = 7',
    'a payload of -1 bytes': 'UPDATE block SET stored_length = -1 WHERE id = 7',
    'a payload of 4 GiB': 'UPDATE block SET stored_length = 1 << 32 WHERE id = 7',
    'a codec of 256': 'UPDATE block SET codec = 256 WHERE id = 7',
    'a text as codec': "UPDATE block SET codec = 'zstd' WHERE id = 7",
    'a negative content kind': 'UPDATE block SET kind = -1 WHERE id = 7',
    'a model of 7 bytes': "UPDATE block SET model = x'01020304050607' WHERE id = 7",
    'a model of a million bytes': 'UPDATE block SET model = zeroblob(1000000) WHERE id = 7',
    'a path as model': "UPDATE block SET model = '../../x' WHERE id = 7",
    'a block with primer 0': 'UPDATE block SET primer = 0 WHERE id = 7',
    'a block with primer 2^32': 'UPDATE block SET primer = 4294967296 WHERE id = 7',
    'a block with the primer -3': 'UPDATE block SET primer = -3 WHERE id = 7',
    'a text as primer of a block': "UPDATE block SET primer = 'three' WHERE id = 7",
    'a block with a primer that is not there': 'UPDATE block SET primer = 4 WHERE id = 7',
    'no primers at all': 'DELETE FROM primer',
    'a primer with id 0': 'UPDATE primer SET id = 0 WHERE id = 5',
    'a primer with id 2^32': 'UPDATE primer SET id = 4294967296 WHERE id = 5',
    'a primer of no bytes': 'UPDATE primer SET raw_length = 0 WHERE id = 3',
    'a primer of 4 MiB and a byte': 'UPDATE primer SET raw_length = 4194305 WHERE id = 3',
    'a primer of -1 bytes': 'UPDATE primer SET raw_length = -1 WHERE id = 3',
    'a primer of 2^53 bytes': 'UPDATE primer SET raw_length = 9007199254740992 WHERE id = 3',
    'a primer stored in 4 MiB and a byte': 'UPDATE primer SET stored_length = 4194305 WHERE id = 3',
    'a primer stored in -1 bytes': 'UPDATE primer SET stored_length = -1 WHERE id = 3',
    'a primer inside the archive header': 'UPDATE primer SET position = 63 WHERE id = 3',
    'a primer at a negative place': 'UPDATE primer SET position = -64 WHERE id = 3',
    'a primer beyond the end of the archive': 'UPDATE primer SET position = 1000000 - 103 WHERE id = 5',
    'a primer that overlaps another': 'UPDATE primer SET position = 699 WHERE id = 5',
    'primers out of order': 'UPDATE primer SET id = 8 WHERE id = 3; UPDATE block SET primer = 8 WHERE id = 7',
    'a primer of codec 256': 'UPDATE primer SET codec = 256 WHERE id = 3',
    'a primer of kind -1': 'UPDATE primer SET kind = -1 WHERE id = 3',
    'a real as position of a primer': 'UPDATE primer SET position = 628.5 WHERE id = 3',
    'no length of a primer': 'UPDATE primer SET raw_length = NULL WHERE id = 3',
  }

  it.each(Object.entries(changes))('are refused: %s', (_name, sql) => {
    expectRefusal(tampered(sampleBytes(), sql), /content|chunk|block|entry|run|primer/)
  })

  const found: Record<string, string> = {
    'a further run without a first one': 'INSERT INTO extent VALUES(99, 1, 1, 1)',
    'a chunk in no block': 'INSERT INTO chunk VALUES(7, 5)',
    'a chunk before all blocks': 'INSERT INTO chunk VALUES(0, 5)',
    'a content no file has, with a wrong size': 'INSERT INTO content VALUES(9, 5, 1, 1)',
  }

  it.each(Object.entries(found))('do no harm, but a full check finds them: %s', (_name, sql) => {
    withIndex(tampered(sampleBytes(), sql), (index) => {
      expect(() => index.checkAll()).toThrow(expect.objectContaining({ code: 'Format' }))
      expect([...index.piecesOf(1)]).toEqual([{ block: 1, offset: 0, length: 300 }])
    })
  })

  it('cannot claim more than a file system has: sums over 2^53 are refused before anything is written', () => {
    const bytes = tampered(sampleBytes(), 'UPDATE content SET size = 9007199254740991 WHERE size > 0')
    const limit = expect.objectContaining({ code: 'Limit' }) as Error
    withIndex(bytes, (index) => expect(() => index.totals()).toThrow(limit))
    withIndex(bytes, (index) => expect(() => index.totals()).toThrow(limit), unchecked)
    const negative = tampered(sampleBytes(), 'UPDATE content SET size = -size')
    withIndex(negative, (index) => expect(() => index.totals()).toThrow(expect.objectContaining({ code: 'Format' })))
  })

  it('show what a deduplication bomb would take: one chunk in 100,000 files', () => {
    const bomb = tampered(
      sampleBytes(),
      `WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 100009)
        INSERT INTO entry SELECT i, 0, 'f' || i, NULL, 0, 420, 0, 4, NULL, NULL FROM n`,
    )
    withIndex(bomb, (index) => {
      expect(index.totals()).toMatchObject({ rawBytes: 1710 + 6_000_000, uniqueBytes: 1110 })
      let largest = 0
      for (const { pieces } of index.extractionPlan('all')) largest = Math.max(largest, pieces.length)
      expect(largest).toBeLessThanOrEqual(4096)
    })
  })

  it('stop at the declared size: 1,000 runs over all chunks in a file of 1,110 bytes cost no more than one', () => {
    const bomb = tampered(
      sampleBytes(),
      `UPDATE content SET size = 1110, first_chunk = 1, chunk_count = 6 WHERE id = 2; DELETE FROM extent;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO extent SELECT 2, i, 1, 6 FROM n`,
    )
    expectRefusal(bomb, /content 2/)
  })
})

describe('hostile settings', () => {
  const changes: Record<string, string> = {
    'a key of 65 bytes': "INSERT INTO setting VALUES(hex(zeroblob(32)) || 'x', 'y')",
    'a value of a million bytes': "INSERT INTO setting VALUES('x', hex(zeroblob(500000)))",
    'a number as value': "INSERT INTO setting VALUES('x', 5)",
    'a blob as value': "INSERT INTO setting VALUES('x', x'00')",
    'no value': "INSERT INTO setting VALUES('x', NULL)",
    'a value that is not UTF-8': "INSERT INTO setting VALUES('x', CAST(x'FF' AS TEXT))",
    'a key that is not UTF-8': "INSERT INTO setting VALUES(CAST(x'FF' AS TEXT), 'x')",
    'too many': `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      INSERT INTO setting SELECT 'k' || i, 'v' FROM n`,
  }

  it.each(Object.entries(changes))('are refused: %s', (_name, sql) => {
    expectRefusal(tampered(sampleBytes(), sql), /setting/)
  })
})

describe('a checkpoint', () => {
  it('may have files without content, and nothing else that is wrong', () => {
    const writer = sampleWriter()
    writer.addEntry({ parent: 0, name: 'late', kind: 'file', mode: 0o644, mtimeNs })
    writer.addEntry({ parent: 0, name: 'later', kind: 'hardLink', mode: 0o644, mtimeNs, link: 10 })
    const bytes = writer.snapshot({ checkpoint: true })
    writer.close()
    const checkpoint = { checkpoint: true }
    withIndex(
      bytes,
      (index) => {
        readEverything(index)
        index.checkAll()
        expect(index.entry(11)).toMatchObject({ kind: 'hardLink', size: 0 })
        expect([...index.extractionPlan([10, 11])]).toEqual([])
      },
      checkpoint,
    )
    const dangling = tampered(bytes, 'UPDATE entry SET content = 99 WHERE id = 10')
    withIndex(dangling, (index) => expect(() => index.entry(10)).toThrow(), checkpoint)
    withIndex(bytes, (index) => expect(() => index.entry(10)).toThrow(expect.objectContaining({ code: 'Format' })))
  })
})
