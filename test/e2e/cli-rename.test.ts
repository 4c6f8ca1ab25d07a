import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lmz } from './cli-process'
import { folderWithArchive, readme } from './cli-tree'

describe('rename', () => {
  it('gives an entry another name in its folder, and says so', async () => {
    const folder = await folderWithArchive()
    const { exitCode, stdout, stderr } = await lmz(folder, 'rename', 'photos.lmz', 'photos/readme.txt', 'notes.txt')
    const told = 'Renamed photos/readme.txt to notes.txt in photos.lmz.\n'
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: told, stderr: '' })
    const names = (await lmz(folder, 'list', 'photos.lmz', 'photos')).stdout.split('\n')
    expect(names).toContain('photos/notes.txt')
    expect(names).not.toContain('photos/readme.txt')
    expect((await lmz(folder, 'cat', 'photos.lmz', 'photos/notes.txt')).stdout).toBe(readme)
  })

  it('refuses what is no name, not there, or taken: an entry would be lost behind another', async () => {
    const folder = await folderWithArchive()
    const before = readFileSync(join(folder, 'photos.lmz'))
    for (const [entry, name, exitCode, sentence] of [
      ['photos/readme.txt', '../up.txt', 4, 'photos/readme.txt was not renamed: the new name has a "/".'],
      ['photos/nothing', 'x', 2, 'There is no photos/nothing in photos.lmz.'],
      ['photos/readme.txt', 'noise.bin', 4, 'there is another noise.bin in the same folder'],
    ] as const) {
      const refused = await lmz(folder, 'rename', 'photos.lmz', entry, name)
      expect({ exitCode: refused.exitCode, stdout: refused.stdout }).toEqual({ exitCode, stdout: '' })
      expect(refused.stderr).toContain(sentence)
    }
    expect(readFileSync(join(folder, 'photos.lmz')).equals(before)).toBe(true)
  })
})
