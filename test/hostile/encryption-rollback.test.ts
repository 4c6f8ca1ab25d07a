import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { compactArchive } from '../../src-main/archive/rewrite'
import { noteSeen } from '../../src-main/archive/seen-states'
import { makeEncrypted, password } from '../support/encrypted-archive'
import { temporaryFolder } from '../support/temporary'

async function noticesOf(path: string): Promise<readonly string[]> {
  const archive = await Archive.open(path, undefined, { password })
  archive.close()
  return archive.notices
}

function stateHome(folder: string): string {
  const before = process.env['XDG_STATE_HOME']
  process.env['XDG_STATE_HOME'] = folder
  onTestFinished(() => void (process.env['XDG_STATE_HOME'] = before))
  return join(folder, 'lmz', 'seen-archives.json')
}

describe.runIf(process.platform === 'linux')('an older copy of an encrypted archive', () => {
  it('opens, but with a warning where the newer one was opened before: it may have been put there', async () => {
    const folder = temporaryFolder()
    const record = stateHome(join(folder, 'state'))
    const archive = await makeEncrypted(folder)
    const older = readFileSync(archive)
    writeFileSync(join(folder, 'new.txt'), 'new')
    await addToArchive(archive, [join(folder, 'new.txt')], { password })
    expect(await noticesOf(archive)).toEqual([])
    writeFileSync(archive, older)
    expect(await noticesOf(archive)).toEqual([expect.stringMatching(/is an older copy: its change 2 was opened here/)])
    // What is written anew is another archive.
    await compactArchive(archive, { password })
    expect(await noticesOf(archive)).toEqual([])
    // Whoever finds the record learns no name and no id.
    const text = readFileSync(record, 'utf8')
    expect(text).toMatch(/^\{("[0-9a-f]{32}":\d+,?)+\}$/)
    const ids = [older, readFileSync(archive)].map((bytes) => bytes.subarray(16, 32).toString('hex'))
    expect(ids.filter((id) => text.includes(id))).toEqual([])
    expect(statSync(record).mode & 0o077).toBe(0)
  })

  it('opens without one where the record is lost, broken or cannot be written', async () => {
    const folder = temporaryFolder()
    const record = stateHome(join(folder, 'state'))
    const archive = await makeEncrypted(folder)
    for (const content of ['', '[]', 'null', '{"x":1}', '{"']) {
      mkdirSync(join(record, '..'), { recursive: true })
      writeFileSync(record, content)
      expect(await noticesOf(archive), content).toEqual([])
    }
    stateHome('/dev/null/nowhere')
    expect(await noticesOf(archive)).toEqual([])
  })

  it('is kept in mind among a thousand, no more', () => {
    const path = join(temporaryFolder(), 'seen.json')
    for (let n = 0; n < 1100; n++) noteSeen(Buffer.alloc(32, Buffer.from([n & 255, n >> 8])), n + 1, path)
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object)).toHaveLength(1000)
    const last = Buffer.alloc(32, Buffer.from([1099 & 255, 1099 >> 8]))
    expect(noteSeen(last, 1, path)).toBe(1100)
  })
})
