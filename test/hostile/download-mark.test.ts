import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createArchive } from '../../src-main/archive/create'
import { extractArchive } from '../../src-main/archive/extraction/extract'
import { diskStorage } from '../../src-main/archive/storage'
import { carryMark } from '../../src-main/outlet/download-mark/system-marks'
import { MarksByInode } from '../support/marks-by-inode'
import { snapshot } from '../support/snapshot'
import { temporaryFolder } from '../support/temporary'

const mark = '[ZoneTransfer]\r\nZoneId=3\r\n'

/** A tree with all kinds of entries, and an archive of it. */
async function prepare(): Promise<{ folder: string; source: string; archive: string }> {
  const folder = temporaryFolder()
  const source = join(folder, 'source')
  mkdirSync(join(source, 'deep/er'), { recursive: true })
  mkdirSync(join(source, 'empty'))
  writeFileSync(join(source, 'setup.exe'), 'MZ'.repeat(500))
  writeFileSync(join(source, 'deep/er/script.sh'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(source, 'nothing'), '')
  writeFileSync(join(source, 'large'), Buffer.alloc(9_000_000, 'large '))
  writeFileSync(join(source, 'read-only'), 'read only')
  chmodSync(join(source, 'read-only'), 0o444)
  linkSync(join(source, 'setup.exe'), join(source, 'deep/other name.exe'))
  symlinkSync('setup.exe', join(source, 'link'))
  for (const name of ['setup.exe', 'deep/er/script.sh', 'read-only']) {
    utimesSync(join(source, name), 1_600_000_000, 1_600_000_000)
  }
  const archive = join(folder, 'downloaded.lmz')
  await createArchive(archive, [`${source}/.`], { preset: 'fast' })
  return { folder, source, archive }
}

/** Paths of all files, links and folders below a folder, by what they are. */
function* everythingBelow(folder: string): Generator<{ readonly path: string; readonly isFile: boolean }> {
  for (const item of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    yield { path: join(item.parentPath, item.name), isFile: item.isFile() }
  }
}

function extract(archive: string, out: string, marks: MarksByInode, overwrite: 'replace' | 'skip' = 'skip') {
  return extractArchive(archive, [], out, { smart: false, overwrite }, diskStorage, marks)
}

describe.each([
  ['files, as on Windows', false],
  ['files, folders and links, as on macOS', true],
] as const)('the mark of a downloaded archive: %s', (_system, marksAll) => {
  it('is on everything that comes out of it, and changes nothing else: programs would run without a question', async () => {
    const { folder, source, archive } = await prepare()
    const marks = new MarksByInode(marksAll)
    marks.write([archive], mark)
    const out = join(folder, 'out')
    const { problems } = await extract(archive, out, marks)
    expect(problems).toEqual([])
    let marked = 0
    for (const { path, isFile } of everythingBelow(out)) {
      if (!isFile && !marksAll) continue
      expect(marks.read(path), path).toBe(mark)
      marked++
    }
    expect(marked).toBe(marksAll ? 10 : 6)
    const [expected, found] = [snapshot(source), snapshot(out)]
    for (const name of [
      'setup.exe',
      'deep/er/script.sh',
      'read-only',
      'deep/other name.exe',
      'link',
      'nothing',
      'large',
    ]) {
      expect(found[name], name).toBe(expected[name])
    }
  })

  it('is on what goes into folders and over files that are there, and on nothing else in them', async () => {
    const { folder, archive } = await prepare()
    const marks = new MarksByInode(marksAll)
    marks.write([archive], mark)
    const out = join(folder, 'out')
    mkdirSync(join(out, 'deep'), { recursive: true })
    writeFileSync(join(out, 'deep/mine.txt'), 'mine')
    writeFileSync(join(out, 'setup.exe'), 'an older one')
    await extract(archive, out, marks, 'replace')
    for (const name of ['setup.exe', 'deep/er/script.sh', 'deep/other name.exe']) {
      expect(marks.read(join(out, name)), name).toBe(mark)
    }
    expect(marks.read(join(out, 'link'))).toBe(marksAll ? mark : undefined)
    expect(marks.read(join(out, 'deep/mine.txt'))).toBeUndefined()
  })

  it('goes through an archive inside of the archive: one more wrapping would take it off', async () => {
    const { folder, archive } = await prepare()
    const wrapped = join(folder, 'outer.lmz')
    await createArchive(wrapped, [archive], { preset: 'fast' })
    const marks = new MarksByInode(marksAll)
    marks.write([wrapped], mark)
    await extract(wrapped, join(folder, 'first'), marks)
    await extract(join(folder, 'first/downloaded.lmz'), join(folder, 'second'), marks)
    expect(marks.read(join(folder, 'second/setup.exe'))).toBe(mark)
  })
})

describe('a mark that is not there, or cannot be', () => {
  it('is not made up: files of the user’s own archive are his own', async () => {
    const { folder, archive } = await prepare()
    const marks = new MarksByInode(true)
    await extract(archive, join(folder, 'out'), marks)
    for (const { path } of everythingBelow(join(folder, 'out'))) expect(marks.read(path), path).toBeUndefined()
  })

  it('costs no file on a disk without marks, such as FAT, and is told', async () => {
    const { folder, archive, source } = await prepare()
    const marks = new MarksByInode(false)
    marks.write([archive], mark)
    marks.isRefused = true
    const { problems, files } = await extract(archive, join(folder, 'out'), marks)
    expect(problems).toMatchObject([{ path: '.', outcome: 'not marked as downloaded' }])
    expect(files).toBe(6)
    expect(lstatSync(join(folder, 'out/read-only')).mode & 0o777).toBe(0o444)
    expect(readFileSync(join(folder, 'out/large')).equals(readFileSync(join(source, 'large')))).toBe(true)
  })

  it('is told of where nobody can say whether there is one', async () => {
    const { folder, archive } = await prepare()
    const marks = new MarksByInode(false)
    marks.read = () => {
      throw new Error('not permitted')
    }
    const { notices, files } = await extract(archive, join(folder, 'out'), marks)
    expect(notices.join()).toContain('whether this archive was downloaded')
    expect(files).toBe(6)
  })
})

it('an archive that takes the place of a downloaded one is marked as it was: compacting would launder it', async () => {
  const { folder, archive } = await prepare()
  const marks = new MarksByInode(false)
  marks.write([archive], mark)
  const anew = join(folder, 'anew.lmz')
  writeFileSync(anew, readFileSync(archive))
  carryMark(archive, anew, marks)
  renameSync(anew, archive)
  expect(marks.read(archive)).toBe(mark)
})
