import { linkSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { fileBytes } from '../../../src-main/archive/read-file'
import { findEntry } from '../../../src-main/archive/selection'
import type { Progress } from '../../../src-main/contract/progress'
import { temporaryFolder } from '../../support/temporary'

/** An archive of a file and a link to it; then a file takes the link's place, and is gone when it is to be read. */
async function withLostFile(link: (file: string, path: string) => void) {
  const folder = temporaryFolder()
  const [file, other, path] = [join(folder, 'file'), join(folder, 'link'), join(folder, 'a.lmz')]
  writeFileSync(file, 'old')
  link(file, other)
  await createArchive(path, [file, other], { preset: 'fast' })
  unlinkSync(other)
  writeFileSync(other, 'new')
  let isGone = false
  const onProgress = ({ phase }: Progress): void => {
    if (isGone || phase !== 'scan') return
    unlinkSync(other)
    isGone = true
  }
  const { problems } = await addToArchive(path, [other], { onProgress })
  expect(problems.map(({ outcome }) => outcome)).toEqual(['the older version was kept'])
  return Archive.open(path)
}

describe.skipIf(process.platform === 'win32')(
  'a file that cannot be read costs nothing of what stood in its place:',
  () => {
    it('a hard link', async () => {
      const archive = await withLostFile(linkSync)
      expect(Buffer.concat([...fileBytes(archive, findEntry(archive, 'link').id)]).toString()).toBe('old')
      archive.close()
    })

    it('a symlink', async () => {
      const archive = await withLostFile((_file, path) => {
        symlinkSync('file', path)
      })
      expect(findEntry(archive, 'link')).toMatchObject({ kind: 'symlink', target: 'file' })
      archive.close()
    })
  },
)
