import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { compactArchive } from '../../src-main/archive/rewrite'
import { noteSeen } from '../../src-main/archive/encryption/seen-states'
import { footerEnd } from '../../src-main/format/footer'
import { makeEncrypted, password, stretchCost, writeSecretTree } from '../support/encrypted-archive'
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

  it.each([undefined, 'normal'] as const)(
    'is told apart from one whose end is damaged: there is nobody to suspect (protection: %s)',
    async (protection) => {
      const folder = temporaryFolder()
      stateHome(join(folder, 'state'))
      const archive = join(folder, 'secret.lmz')
      const tree = writeSecretTree(folder)
      await createArchive(archive, [tree], { preset: 'fast', password, stretchCost, protection })
      writeFileSync(join(folder, 'new.txt'), 'new')
      await addToArchive(archive, [join(folder, 'new.txt')], { password })
      const opened = await Archive.open(archive, undefined, { password })
      const commits = [...opened.commits()]
      opened.close()
      const whole = readFileSync(archive)
      const [newest, older] = commits
      if (newest === undefined || older === undefined) throw new Error('the archive has earlier commits')
      const damagedFrom = (from: number, to = whole.length): Buffer => Buffer.from(whole).fill(0x55, from, to)
      const ofEnd = [expect.stringMatching(/^The end of secret\.lmz is damaged, its last .* change \d was opened here/)]
      const damages = {
        'the last bytes': [damagedFrom(whole.length - 60), ofEnd],
        'a cut in the last commit': [whole.subarray(0, whole.length - 100), ofEnd],
        'all of the last index and footer': [damagedFrom(newest.index.position + 100), ofEnd],
        'the last index': [
          damagedFrom(newest.index.position + 100, newest.index.position + 200),
          // A protected archive has another copy of it.
          [expect.stringMatching(protection === undefined ? /^The newest state of/ : /^One of the two lists of files/)],
        ],
      } as const
      for (const [damage, [bytes, notices]] of Object.entries(damages)) {
        writeFileSync(archive, bytes)
        expect(await noticesOf(archive), damage).toEqual(notices)
      }
      for (const commit of commits.slice(1)) {
        const bytes = Buffer.from(whole.subarray(0, footerEnd(commit)))
        const isOlder = expect.stringMatching(/is an older copy/) as string
        writeFileSync(archive, bytes)
        expect(await noticesOf(archive), `rolled back to ${commit.sequence}`).toEqual([isOlder])
        if (commit.sequence === 1) continue
        // Damage somewhere else explains nothing.
        bytes.fill(0x55, commit.index.position + 100, commit.index.position + 200)
        writeFileSync(archive, bytes)
        expect(await noticesOf(archive), `rolled back to ${commit.sequence}, and damaged`).toContainEqual(isOlder)
      }
    },
    60_000,
  )

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
