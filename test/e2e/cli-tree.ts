import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../support/temporary'
import { lmz } from './cli-process'

/** Bytes no codec makes smaller. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 1
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

export const readme = 'Read me first.\n'.repeat(100)

/** A folder with a small tree `photos` in it: text, noise, an empty folder, awkward names, links inside and outside. */
export function folderWithTree(): string {
  const folder = temporaryFolder()
  const photos = join(folder, 'photos')
  mkdirSync(join(photos, 'a b', 'empty'), { recursive: true })
  writeFileSync(join(photos, 'readme.txt'), readme)
  writeFileSync(join(photos, 'noise.bin'), noise(200_000))
  writeFileSync(join(photos, 'a b', '-dash.txt'), 'dash')
  writeFileSync(join(photos, 'a b', 'ünï 😀.md'), 'unicode')
  if (process.platform === 'win32') return folder
  writeFileSync(join(photos, 'a b', 'new\nline\u001b[31m\u202egpj.txt'), 'hostile')
  symlinkSync('readme.txt', join(photos, 'inside'))
  symlinkSync('/etc/hostname', join(photos, 'outside'))
  return folder
}

let archiveOfTree: Buffer | undefined

/** The tree, and `photos.lmz` made of it. */
export async function folderWithArchive(): Promise<string> {
  const folder = folderWithTree()
  const path = join(folder, 'photos.lmz')
  if (archiveOfTree === undefined) {
    const { exitCode, stderr } = await lmz(folder, 'create', 'photos.lmz', 'photos')
    if (exitCode !== 0) throw new Error(stderr)
    archiveOfTree = readFileSync(path)
  } else {
    writeFileSync(path, archiveOfTree)
  }
  return folder
}
