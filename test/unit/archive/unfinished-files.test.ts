import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { removeUnfinished, unfinishedPath } from '../../../src-main/archive/storage'
import { WriterLock } from '../../../src-main/index/writer-lock'
import { temporaryFolder } from '../../support/temporary'

it('an archive of a long name can be made: the name of its unfinished self is no longer than names can be', () => {
  // 247 bytes, as a file system counts.
  const name = `${'写'.repeat(81)}.lmz`
  expect(Buffer.byteLength(basename(unfinishedPath(join('/f', name))))).toBeLessThanOrEqual(255)
})

it('what another archive has unfinished stays, however alike their names begin: a job of hours would fail at its end', () => {
  const folder = temporaryFolder()
  const [one, other] = ['1', '2'].map((end) => join(folder, `${'a'.repeat(210)}${end}.lmz`))
  const unfinished = unfinishedPath(other ?? '')
  writeFileSync(unfinished, '')
  removeUnfinished(one ?? '')
  expect(readdirSync(folder)).toEqual([basename(unfinished)])
  removeUnfinished(other ?? '')
  expect(readdirSync(folder)).toEqual([])
})

it('what a killed job had beside its unfinished archive is removed with it: parity of a large one takes gigabytes', () => {
  const folder = temporaryFolder()
  const target = join(folder, 'photos.lmz')
  const unfinished = unfinishedPath(target)
  for (const path of [unfinished, unfinishedPath(unfinished)]) writeFileSync(path, '')
  expect(readdirSync(folder)).toHaveLength(2)
  removeUnfinished(target)
  expect(readdirSync(folder)).toEqual([])
})

it('only files are replaced, and what is none is told of before the work', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'photos.lmz'))
  writeFileSync(join(folder, 'a.txt'), 'a')
  let isBegun = false
  const options = { replace: true, onProgress: () => void (isBegun = true) }
  const made = createArchive(join(folder, 'photos.lmz'), [join(folder, 'a.txt')], options)
  await expect(made).rejects.toMatchObject({
    code: 'Collision',
    message: expect.stringContaining('is a folder') as string,
  })
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await expect(createArchive(join(folder, 'pipe'), [join(folder, 'a.txt')], options)).rejects.toThrow('is no file')
    expect(statSync(join(folder, 'pipe')).isFIFO()).toBe(true)
  }
  expect(isBegun).toBe(false)
})

it.skipIf(process.platform === 'win32')(
  'a link to nothing is called that, and not a folder that does not exist',
  () => {
    const folder = temporaryFolder()
    symlinkSync('nothing', join(folder, 'photos.lmz'))
    expect(() => WriterLock.acquire(join(folder, 'photos.lmz'))).toThrow('Cannot follow the link')
  },
)
