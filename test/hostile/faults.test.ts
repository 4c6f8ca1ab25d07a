import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { protectArchive } from '../../src-main/archive/protection/protect'
import { renameInArchive } from '../../src-main/archive/rename'
import { compactArchive, removeFromArchive } from '../../src-main/archive/rewrite'
import { verifyArchive } from '../../src-main/archive/verify'
import { archiveOperations } from '../support/archive-operations'
import { checkpointFiles } from '../support/checkpoints'
import { FaultyStorage } from '../support/faulty-storage'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

/** A folder with a source tree and an archive of a part of it. */
async function prepare(): Promise<{ folder: string; source: string; archive: string; before: Buffer }> {
  const folder = temporaryFolder()
  const source = join(folder, 'source')
  mkdirSync(source)
  for (let n = 0; n < 5; n++) writeFileSync(join(source, `file-${n}.txt`), `Line of file ${n}.\n`.repeat(200 + n))
  const checkpoints = checkpointFiles(new Random(1), 17_000)
  writeFileSync(join(source, 'model.safetensors'), checkpoints.next().value)
  const archive = join(folder, 'target.lmz')
  await createArchive(archive, [source], { preset: 'fast' })
  writeFileSync(join(source, 'model.safetensors'), checkpoints.next().value)
  for (let n = 5; n < 9; n++) writeFileSync(join(source, `file-${n}.bin`), Buffer.alloc(50_000, n))
  return { folder, source, archive, before: readFileSync(archive) }
}

const faults = [
  ['append', 'ENOSPC', 'NoSpace'],
  ['append', 'EDQUOT', 'NoSpace'],
  ['append', 'EIO', 'Io'],
  ['sync', 'EIO', 'Io'],
  ['rename', 'EROFS', 'Io'],
  ['open', 'EROFS', 'Io'],
  ['open', 'EACCES', 'Io'],
] as const

describe.each(Object.keys(archiveOperations))('%s', (verb) => {
  it.each(faults)(
    'leaves the old archive as it was when %s fails with %s',
    { timeout: 60_000 },
    async (operation, systemCode, code) => {
      const { folder, source, archive, before } = await prepare()
      let failures = 0
      // To lmz, a quota is a full disk: a few places are enough.
      const step = systemCode === 'EDQUOT' ? 4 : 1
      for (let at = 0; ; at += step) {
        const storage = new FaultyStorage(operation, at, systemCode)
        const run = archiveOperations[verb]?.({ archive, source }, storage)
        if (run === undefined) throw new Error(`no verb ${verb}`)
        const outcome = await run.then(
          () => 'done',
          (thrown: unknown) => (thrown as { readonly code?: string }).code,
        )
        if (!storage.hasFailed) {
          expect(outcome).toBe('done')
          break
        }
        failures++
        expect(outcome, `${operation} ${at}`).toBe(code)
        // After a failed sync the kernel may call lost pages clean: a second one would only seem to work.
        expect(storage.afterwards, `${operation} ${at} was followed by more writing`).toEqual([])
        expect(readFileSync(archive).equals(before), `${operation} ${at} changed the archive`).toBe(true)
        expect(readdirSync(folder).sort(), `${operation} ${at} left something behind`).toEqual(['source', 'target.lmz'])
      }
      // These append in place, and rename no file.
      if (operation !== 'rename' || !['add', 'rename', 'protect'].includes(verb)) expect(failures).toBeGreaterThan(0)
      const { problems } = await verifyArchive(archive)
      expect(problems).toEqual([])
    },
  )
})

describe('a new archive', () => {
  it.each(faults)('is not there at all when %s fails with %s', async (operation, systemCode, code) => {
    const { folder, source } = await prepare()
    const target = join(folder, 'new.lmz')
    const storage = new FaultyStorage(operation, 0, systemCode)
    await expect(createArchive(target, [source], {}, storage)).rejects.toMatchObject({ code })
    expect(readdirSync(folder).sort()).toEqual(['source', 'target.lmz'])
  })

  it('never replaces one that appeared meanwhile', async () => {
    const { folder, source } = await prepare()
    const target = join(folder, 'new.lmz')
    const onProgress = (): void => writeFileSync(target, 'someone else was first')
    await expect(createArchive(target, [source], { onProgress })).rejects.toMatchObject({ code: 'Collision' })
    expect(readFileSync(target, 'utf8')).toBe('someone else was first')
    expect(readdirSync(folder).sort()).toEqual(['new.lmz', 'source', 'target.lmz'])
  })
})

describe('what a killed job left', () => {
  it('is cleared away by the next change, and never packed', async () => {
    const { folder, source, archive } = await prepare()
    const left = join(folder, '.target.lmz.0123abcd.part')
    const other = join(folder, '.target.lmz.mine.part')
    for (const path of [left, other]) writeFileSync(path, 'unfinished')
    await addToArchive(archive, [source])
    expect(readdirSync(folder).sort()).toEqual(['.target.lmz.mine.part', 'source', 'target.lmz'])
  })

  it('cannot come back: an archive that is written anew has frames of its own', async () => {
    const { archive } = await prepare()
    const before = await Archive.open(archive)
    await compactArchive(archive)
    const after = await Archive.open(archive)
    expect(after.archiveTag).not.toBe(before.archiveTag)
    before.close()
    after.close()
  })
})

describe('two programs at once', () => {
  it('do not write the same archive: the second is told to wait', async () => {
    const { source, archive } = await prepare()
    const first = addToArchive(archive, [source])
    await expect(addToArchive(archive, [source])).rejects.toMatchObject({ code: 'Busy' })
    await expect(compactArchive(archive)).rejects.toMatchObject({ code: 'Busy' })
    await first
    expect((await verifyArchive(archive)).problems).toEqual([])
  })

  it('read one state while it changes: a reader keeps what it opened', async () => {
    const { source, archive } = await prepare()
    const reader = await Archive.open(archive)
    await addToArchive(archive, [source])
    await removeFromArchive(archive, ['source/file-0.txt'])
    const names = [...reader.index.descendants(0)].map(({ name }) => name)
    expect(names).toContain('file-0.txt')
    expect(names).not.toContain('file-7.bin')
    for (const block of reader.index.blocks()) expect(reader.readBlock(block.id)).toHaveLength(block.rawLength)
    reader.close()
  })
})

describe('cancelling', () => {
  it.each(Object.keys(archiveOperations))('%s stops within half a second and leaves nothing behind', async (verb) => {
    const { folder, source, archive, before } = await prepare()
    const abort = new AbortController()
    const options = { signal: abort.signal, onProgress: () => abort.abort() }
    const runs: Readonly<Record<string, () => Promise<unknown>>> = {
      add: () => addToArchive(archive, [source], options),
      rename: () => renameInArchive(archive, 'source/file-2.txt', 'renamed', options),
      remove: () => removeFromArchive(archive, ['source/file-2.txt'], options),
      compact: () => compactArchive(archive, options),
      protect: () => protectArchive(archive, options),
      'create over an old one': () => createArchive(archive, [source], { ...options, replace: true }),
    }
    await expect(runs[verb]?.()).rejects.toMatchObject({ code: 'Cancelled' })
    expect(readFileSync(archive).equals(before)).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['source', 'target.lmz'])
  })
})
