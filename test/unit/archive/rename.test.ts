import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { extractArchive } from '../../../src-main/archive/extraction/extract'
import { PauseGate } from '../../../src-main/archive/job-control'
import { renameInArchive } from '../../../src-main/archive/rename'
import { verifyArchive } from '../../../src-main/archive/verify'
import { escapeForDisplay } from '../../../src-main/contract/display-name'
import { temporaryFolder } from '../../support/temporary'

interface Prepared {
  readonly folder: string
  readonly archive: string
}

async function prepare(): Promise<Prepared> {
  const folder = temporaryFolder()
  const source = join(folder, 'docs')
  mkdirSync(join(source, 'inner'), { recursive: true })
  writeFileSync(join(source, 'a.txt'), 'the text of a')
  writeFileSync(join(source, 'b.txt'), 'the text of b')
  writeFileSync(join(source, 'inner/c.txt'), 'the text of c')
  linkSync(join(source, 'a.txt'), join(source, 'hard.txt'))
  const archive = join(folder, 'a.lmz')
  await createArchive(archive, [source], { preset: 'fast' })
  return { folder, archive }
}

async function pathsIn(path: string): Promise<string[]> {
  const archive = await Archive.open(path)
  try {
    return [...archive.index.descendants(0)].map(({ id }) => archive.index.pathOf(id).join('/'))
  } finally {
    archive.close()
  }
}

describe('renaming', () => {
  it('changes the name and nothing else, as one more commit: content would be lost, or all packed again', async () => {
    const { folder, archive } = await prepare()
    const before = readFileSync(archive)
    const reader = await Archive.open(archive)
    const report = await renameInArchive(archive, 'docs/b.txt', 'Brief an Jürgen.txt')
    expect(report.writtenBytes).toBe(statSync(archive).size - before.length)
    expect(readFileSync(archive).subarray(0, before.length).equals(before)).toBe(true)
    expect(await pathsIn(archive)).toContain('docs/Brief an Jürgen.txt')
    // Who had it open still sees the old state.
    expect(reader.index.resolve(['docs', 'b.txt'])).toBeDefined()
    const old = reader.index.resolve(['docs', 'b.txt'])
    reader.close()
    const after = await Archive.open(archive)
    expect([...after.commits()]).toHaveLength(2)
    const { mode, mtimeNs } = after.index.resolve(['docs', 'Brief an Jürgen.txt']) ?? {}
    expect({ mode, mtimeNs }).toEqual({ mode: old?.mode, mtimeNs: old?.mtimeNs })
    after.close()
    await extractArchive(archive, [], join(folder, 'out'), { overwrite: 'skip', smart: false })
    expect(readFileSync(join(folder, 'out/docs/Brief an Jürgen.txt'), 'utf8')).toBe('the text of b')
    expect((await verifyArchive(archive)).problems).toEqual([])
  })

  it('takes along what is in a folder, and the links of a file: they would hang in the air', async () => {
    const { folder, archive } = await prepare()
    await renameInArchive(archive, 'docs/inner/', 'outer')
    await renameInArchive(archive, 'docs', 'papers')
    await renameInArchive(archive, 'papers/a.txt', 'first.txt')
    await renameInArchive(archive, 'papers/hard.txt', 'second.txt')
    expect(await pathsIn(archive)).toEqual([
      'papers',
      'papers/b.txt',
      'papers/first.txt',
      'papers/outer',
      'papers/outer/c.txt',
      'papers/second.txt',
    ])
    await extractArchive(archive, [], join(folder, 'out'), { overwrite: 'skip', smart: false })
    const at = (name: string) => join(folder, 'out/papers', name)
    expect(statSync(at('first.txt')).ino).toBe(statSync(at('second.txt')).ino)
    expect(readFileSync(at('second.txt'), 'utf8')).toBe('the text of a')
    // What was renamed is what an add replaces.
    writeFileSync(join(folder, 'papers.txt'), 'x')
    await addToArchive(archive, [join(folder, 'papers.txt')])
    expect((await verifyArchive(archive)).problems).toEqual([])
  })

  it.each(['', '.', '..', 'a/b', 'a\0b', 'half \ud800', 'x'.repeat(1021)])(
    'refuses %j, which is no name: no program could take it out again',
    async (name) => {
      const { folder, archive } = await prepare()
      const before = readFileSync(archive)
      const refused = renameInArchive(archive, 'docs/a.txt', name)
      await expect(refused).rejects.toMatchObject({ code: 'UnsafePath', subject: 'docs/a.txt' })
      await expect(refused).rejects.toThrow(/^docs\/a\.txt was not renamed: the new name /)
      expect(readFileSync(archive).equals(before)).toBe(true)
      expect(readdirSync(folder).sort()).toEqual(['a.lmz', 'docs'])
    },
  )

  it('refuses a name that is taken, and a path that is not there: two entries would be in one place', async () => {
    const { archive } = await prepare()
    const before = readFileSync(archive)
    await expect(renameInArchive(archive, 'docs/a.txt', 'inner')).rejects.toMatchObject({
      code: 'Collision',
      subject: 'docs/a.txt',
      message: 'docs/a.txt was not renamed: there is another inner in the same folder.',
    })
    await expect(renameInArchive(archive, 'docs/z.txt', 'y')).rejects.toMatchObject({ code: 'NotFound' })
    await expect(renameInArchive(archive, '', 'y')).rejects.toMatchObject({ code: 'NotFound' })
    expect(readFileSync(archive).equals(before)).toBe(true)
    // Case alone may change; a name in another folder does not count.
    await renameInArchive(archive, 'docs/a.txt', 'A.txt')
    await renameInArchive(archive, 'docs/inner/c.txt', 'A.txt')
    expect(await pathsIn(archive)).toEqual(expect.arrayContaining(['docs/A.txt', 'docs/inner/A.txt']))
  })

  it('keeps names that look dangerous as they are, for them to be shown with care', async () => {
    const { archive } = await prepare()
    const name = '<img src=x onerror=alert(1)>\u202egnp.exe\n'
    await renameInArchive(archive, 'docs/a.txt', name)
    expect(await pathsIn(archive)).toContain(`docs/${name}`)
    expect(escapeForDisplay(name)).not.toContain('\n')
  })

  it('waits for no other change, and is waited for: one of the two would be lost', async () => {
    const { folder, archive } = await prepare()
    const pause = new PauseGate()
    pause.close()
    const adding = addToArchive(archive, [join(folder, 'docs')], { pause })
    await expect(renameInArchive(archive, 'docs/a.txt', 'z')).rejects.toMatchObject({ code: 'Busy' })
    pause.open()
    await adding
    await renameInArchive(archive, 'docs/a.txt', 'z')
    expect(await pathsIn(archive)).toContain('docs/z')
  })
})
