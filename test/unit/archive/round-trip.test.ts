import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { extractArchive } from '../../../src-main/archive/extraction/extract'
import { archiveInfo } from '../../../src-main/archive/info'
import { fileBytes, readFileRange } from '../../../src-main/archive/read-file'
import { compactArchive, removeFromArchive } from '../../../src-main/archive/rewrite'
import { findEntry } from '../../../src-main/archive/selection'
import { verifyArchive } from '../../../src-main/archive/verify'
import { snapshot } from '../../support/snapshot'
import { temporaryFolder } from '../../support/temporary'

/** A tree with one of everything an archive must keep. */
function makeTree(folder: string): string {
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, 'empty folder'), { recursive: true })
  mkdirSync(join(tree, 'a/b/c'), { recursive: true })
  writeFileSync(join(tree, 'empty.txt'), '')
  writeFileSync(join(tree, 'a/notes.md'), '# Notes\n\nSome words that are worth keeping.\n'.repeat(300))
  writeFileSync(join(tree, 'a/b/tool.ts'), 'export function tool(): number {\n  return 42\n}\n'.repeat(100))
  writeFileSync(join(tree, 'a/b/c/same.md'), readFileSync(join(tree, 'a/notes.md')))
  writeFileSync(join(tree, 'noise.bin'), randomBytes(700_000))
  writeFileSync(
    join(tree, 'large.bin'),
    Buffer.concat([randomBytes(5_000_000), Buffer.alloc(15_000_000, 'pattern '), randomBytes(3_000_000)]),
  )
  writeFileSync(join(tree, 'Ünïcödé 中文 🎈.txt'), 'names')
  writeFileSync(join(tree, `${'long'.repeat(60)}.txt`), 'a long name')
  chmodSync(join(tree, 'a/b/tool.ts'), 0o755)
  chmodSync(join(tree, 'a/notes.md'), 0o600)
  chmodSync(join(tree, 'a/b'), 0o750)
  linkSync(join(tree, 'a/notes.md'), join(tree, 'a/b/hard.md'))
  symlinkSync('a/notes.md', join(tree, 'soft.md'))
  symlinkSync('../nowhere', join(tree, 'a/dangling'))
  if (process.platform === 'linux') {
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/caf`), Buffer.of(0xe9), Buffer.from('.txt')]), 'not UTF-8')
  }
  utimesSync(join(tree, 'noise.bin'), 1_234_567_890.123456, 1_234_567_890.123456)
  utimesSync(join(tree, 'a/b/c'), 86_400, 86_400.5)
  return tree
}

async function extractAll(archive: string, folder: string): Promise<Record<string, string>> {
  const report = await extractArchive(archive, [], folder, { overwrite: 'replace' })
  expect(report.problems).toEqual([])
  return snapshot(folder)
}

describe('round trip', () => {
  it.each(['fast', 'balanced'] as const)(
    'gives back everything of a tree with preset %s',
    { timeout: 60_000 },
    async (preset) => {
      const folder = temporaryFolder()
      const tree = makeTree(folder)
      const archive = join(folder, 'tree.lmz')
      const report = await createArchive(archive, [tree], { preset })
      expect(report.problems).toEqual([])
      expect(statSync(archive).size).toBe(report.archiveBytes)
      const before = snapshot(tree)
      const out = join(folder, 'out')
      const after = await extractAll(archive, out)
      expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 1)
      expect(snapshot(join(out, 'tree'))).toEqual(before)
      expect((await verifyArchive(archive)).problems).toEqual([])
    },
  )

  it('works with the smallest and the largest blocks', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const tree = makeTree(folder)
    for (const blockSize of [64 * 1024, 16 * 1024 * 1024]) {
      const archive = join(folder, `${blockSize}.lmz`)
      await createArchive(archive, [tree], { preset: 'fast', blockSize })
      await extractAll(archive, join(folder, `out-${blockSize}`))
      expect(snapshot(join(folder, `out-${blockSize}/tree`))).toEqual(snapshot(tree))
      const opened = await Archive.open(archive)
      for (const block of opened.index.blocks()) expect(block.rawLength).toBeLessThanOrEqual(blockSize)
      opened.close()
    }
  })

  it('makes the same archive of the same input, whatever the threads do', async () => {
    const folder = temporaryFolder()
    const tree = makeTree(folder)
    const blocks: string[][] = []
    for (const name of ['one.lmz', 'two.lmz']) {
      await createArchive(join(folder, name), [tree], { preset: 'fast', blockSize: 256 * 1024 })
      const opened = await Archive.open(join(folder, name))
      blocks.push(
        [...opened.index.blocks()].map(
          ({ storedLength, rawLength, position }) => `${position} ${storedLength} ${rawLength}`,
        ),
      )
      opened.close()
    }
    expect(blocks[0]).toEqual(blocks[1])
  })

  it('stores equal files and equal stretches of files once', async () => {
    const folder = temporaryFolder()
    const noise = randomBytes(2_000_000)
    mkdirSync(join(folder, 'in'))
    writeFileSync(join(folder, 'in/one'), noise)
    writeFileSync(join(folder, 'in/two'), noise)
    writeFileSync(join(folder, 'in/shifted'), Buffer.concat([Buffer.from('in front'), noise]))
    const report = await createArchive(join(folder, 'x.lmz'), [join(folder, 'in')], { preset: 'fast' })
    expect(report.rawBytes).toBe(6_000_008)
    expect(report.archiveBytes).toBeLessThan(2_400_000)
    await extractAll(join(folder, 'x.lmz'), join(folder, 'out'))
    expect(snapshot(join(folder, 'out/in'))).toEqual(snapshot(join(folder, 'in')))
  })
})

describe('taking out one thing', () => {
  it('extracts a single file under its own name and reads little for it', async () => {
    const folder = temporaryFolder()
    const archive = join(folder, 'tree.lmz')
    await createArchive(archive, [makeTree(folder)], { preset: 'fast', blockSize: 256 * 1024 })
    const report = await extractArchive(archive, ['tree/a/b/tool.ts'], join(folder, 'out'))
    expect(report.files).toBe(1)
    expect(readdirSync(join(folder, 'out'))).toEqual(['tool.ts'])
    expect(readFileSync(join(folder, 'out/tool.ts'))).toEqual(readFileSync(join(folder, 'tree/a/b/tool.ts')))
    expect(report.archiveBytesRead).toBeLessThan(statSync(archive).size / 100)
  })

  it('gives a hard link its bytes when its file was not chosen, and the pair when both were', async () => {
    const folder = temporaryFolder()
    const archive = join(folder, 'tree.lmz')
    await createArchive(archive, [makeTree(folder)], { preset: 'fast' })
    const alone = await extractArchive(archive, ['tree/a/notes.md'], join(folder, 'alone'))
    expect(alone.problems).toEqual([])
    expect(readFileSync(join(folder, 'alone/notes.md'))).toEqual(readFileSync(join(folder, 'tree/a/notes.md')))
    await extractArchive(archive, ['tree/a'], join(folder, 'both'))
    expect(statSync(join(folder, 'both/a/notes.md')).ino).toBe(statSync(join(folder, 'both/a/b/hard.md')).ino)
  })

  it('reads any range of a file', async () => {
    const folder = temporaryFolder()
    const tree = makeTree(folder)
    await createArchive(join(folder, 'x.lmz'), [tree], { preset: 'fast', blockSize: 256 * 1024 })
    const archive = await Archive.open(join(folder, 'x.lmz'))
    const { id } = findEntry(archive, 'tree/large.bin')
    const whole = readFileSync(join(tree, 'large.bin'))
    for (const [offset, length] of [
      [0, 10],
      [262_140, 20],
      [4_999_000, 400_000],
      [22_999_990, 100],
      [23_000_000, 5],
    ] as const) {
      expect(Buffer.compare(readFileRange(archive, id, offset, length), whole.subarray(offset, offset + length))).toBe(
        0,
      )
    }
    expect(Buffer.concat([...fileBytes(archive, id)]).equals(whole)).toBe(true)
    archive.close()
  })
})

describe('changing an archive', () => {
  it('adds files, replaces those of the same path, and keeps the old commit readable', async () => {
    const folder = temporaryFolder()
    const tree = makeTree(folder)
    const archive = join(folder, 'tree.lmz')
    await createArchive(archive, [tree], { preset: 'fast' })
    const sizeBefore = statSync(archive).size
    const before = readFileSync(archive)
    writeFileSync(join(tree, 'a/notes.md'), 'new words')
    writeFileSync(join(tree, 'added.txt'), 'added')
    const report = await addToArchive(archive, [tree])
    expect(report.problems).toEqual([])
    expect(report.writtenBytes).toBeLessThan(10_000)
    expect(readFileSync(archive).subarray(0, sizeBefore).equals(before)).toBe(true)
    await extractAll(archive, join(folder, 'out'))
    expect(snapshot(join(folder, 'out/tree'))).toEqual(snapshot(tree))
    const opened = await Archive.open(archive)
    expect(archiveInfo(opened).commits).toBe(2)
    opened.close()
  })

  it('does not take new data for old when only the short hash of a stored chunk is equal', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'in'))
    const bytes = randomBytes(30_000)
    writeFileSync(join(folder, 'in/first'), bytes)
    const archive = join(folder, 'x.lmz')
    await createArchive(archive, [join(folder, 'in')], { preset: 'fast' })
    writeFileSync(join(folder, 'in/again'), bytes)
    const report = await addToArchive(archive, [join(folder, 'in')])
    expect(report.uniqueBytes).toBe(30_000)
    await extractAll(archive, join(folder, 'out'))
    expect(readFileSync(join(folder, 'out/in/again')).equals(bytes)).toBe(true)
  })

  it('removes entries and their bytes; a hard link outlives the file it was stored as', async () => {
    const folder = temporaryFolder()
    const tree = makeTree(folder)
    const archive = join(folder, 'tree.lmz')
    await createArchive(archive, [tree], { preset: 'fast' })
    const large = statSync(archive).size
    const report = await removeFromArchive(archive, ['tree/large.bin', 'tree/a/b/hard.md', 'tree/a/b/c/same.md'])
    expect(report.archiveBytes).toBeLessThan(large - 7_000_000)
    const after = await extractAll(archive, join(folder, 'out'))
    expect(after['tree/large.bin']).toBeUndefined()
    expect(readFileSync(join(folder, 'out/tree/a/notes.md'))).toEqual(readFileSync(join(tree, 'a/notes.md')))
    expect((await verifyArchive(archive)).problems).toEqual([])
    await expect(removeFromArchive(archive, ['tree/large.bin'])).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('compacts away what changes left behind', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'in'))
    const archive = join(folder, 'x.lmz')
    writeFileSync(join(folder, 'in/data'), randomBytes(400_000))
    await createArchive(archive, [join(folder, 'in')], { preset: 'fast' })
    writeFileSync(join(folder, 'in/data'), randomBytes(300_000))
    await addToArchive(archive, [join(folder, 'in')])
    expect(statSync(archive).size).toBeGreaterThan(700_000)
    chmodSync(archive, 0o640)
    const report = await compactArchive(archive)
    expect(report.archiveBytes).toBeLessThan(310_000)
    expect(statSync(archive).mode & 0o777).toBe(0o640)
    await extractAll(archive, join(folder, 'out'))
    expect(snapshot(join(folder, 'out/in'))).toEqual(snapshot(join(folder, 'in')))
  })

  it('leaves the archive itself out when it lies in the folder that is packed', async () => {
    const folder = temporaryFolder()
    const tree = makeTree(folder)
    const archive = join(tree, 'inside.lmz')
    await createArchive(archive, [tree], { preset: 'fast' })
    await addToArchive(archive, [tree])
    const opened = await Archive.open(archive)
    const names = [...opened.index.children(findEntry(opened, 'tree').id)].map(({ name }) => name)
    expect(names.filter((name) => name.includes('inside'))).toEqual([])
    opened.close()
  })

  it('keeps the older version of a file that cannot be read any more, and says so', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'in'))
    const log = join(folder, 'in/app.log')
    writeFileSync(log, 'a line\n'.repeat(2_000_000))
    const archive = join(folder, 'x.lmz')
    await createArchive(archive, [join(folder, 'in')], { preset: 'fast' })
    let writes = 0
    const onProgress = (): void => {
      if (writes++ < 200) appendFileSync(log, 'another line\n'.repeat(10))
    }
    const timer = setInterval(onProgress, 1)
    const report = await addToArchive(archive, [join(folder, 'in')], { onProgress }).finally(() => clearInterval(timer))
    const opened = await Archive.open(archive)
    const { size } = findEntry(opened, 'in/app.log')
    const text = Buffer.concat([...fileBytes(opened, findEntry(opened, 'in/app.log').id)]).toString()
    opened.close()
    // Whichever moment was caught, what is stored is what the file was at some moment, whole.
    expect(text).toHaveLength(size)
    expect(text).toMatch(/^(a line\n){2000000}(another line\n)*$/)
    if (report.problems.length > 0) expect(report.problems[0]?.outcome).toBe('the older version was kept')
  })
})
