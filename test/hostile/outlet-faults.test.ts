import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { LmzError } from '../../src-main/contract/error'
import { withFault, withShortWrites } from '../support/faulty-disk'
import {
  directory,
  extract,
  file,
  hardLink,
  snapshot,
  symlink,
  type Extraction,
  temporaryFolder,
} from '../unit/outlet/extraction'

const isLong = process.env['LMZ_LONG'] === '1'

let folder: string
let destination: string
let outside: Record<string, string>

/** What every file may hold: what it held before, or what the archive has. */
const before = { 'docs/old.txt': 'mine', 'replaced.txt': 'an older one' }
const inArchive: Readonly<Record<string, string>> = {
  'docs/a.txt': 'a of the archive',
  'docs/deep/b.txt': 'b of the archive',
  'replaced.txt': 'a newer one',
  'top.txt': 'top of the archive',
  'again.txt': 'top of the archive',
}

beforeEach(() => {
  folder = temporaryFolder()
  destination = join(folder, 'destination')
  setUp()
  writeFileSync(join(folder, 'precious'), 'precious')
  outside = snapshot(folder, 'destination')
})

function setUp(): void {
  rmSync(destination, { recursive: true, force: true })
  mkdirSync(join(destination, 'docs'), { recursive: true })
  for (const [name, text] of Object.entries(before)) writeFileSync(join(destination, name), text)
}

function extractTree(): Promise<Extraction> {
  const docs = directory('docs')
  const deep = directory('deep', docs, { mode: 0o500 })
  const top = file('top.txt', inArchive['top.txt'])
  return extract(
    destination,
    [
      docs,
      file('a.txt', inArchive['docs/a.txt'], docs, { mode: 0o400 }),
      deep,
      file('b.txt', inArchive['docs/deep/b.txt'], deep),
      file('replaced.txt', inArchive['replaced.txt']),
      top,
      hardLink('again.txt', top.id),
      symlink('link', 'top.txt'),
    ],
    { overwrite: 'replace' },
  )
}

/** Files at the destination, but for what is marked as unfinished by its name. */
function filesThere(): Record<string, string> {
  const all = Object.entries(snapshot(destination)).filter(([path]) => !path.startsWith('/.lmz-'))
  return Object.fromEntries(all.map(([path, what]) => [path.slice(1), what]))
}

/** Names and contents without times. */
function textOf(what: string): string {
  return what.split(' ').slice(3).join(' ')
}

function expectNothingHalf(label: string): void {
  expect(snapshot(folder, 'destination'), `${label}: something outside has changed`).toEqual(outside)
  const found = filesThere()
  expect(textOf(found['docs/old.txt'] ?? ''), label).toBe('mine')
  for (const [name, what] of Object.entries(found)) {
    if (!what.startsWith('file')) continue
    const allowed = [inArchive[name], (before as Record<string, string>)[name]]
    expect(allowed, `${label}: ${name} is neither old nor new`).toContain(textOf(what))
  }
  expect(found['replaced.txt'], `${label}: a file was lost that was to be replaced`).toBeDefined()
}

describe('an extraction whose calls to the disk fail', () => {
  it.each(isLong ? ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'EAGAIN', 'EACCES', 'EMFILE', 'ESTALE'] : ['EIO', 'ENOSPC'])(
    'each in turn with %s leaves whole files and says what is missing',
    { timeout: 120_000 },
    async (code) => {
      await extractTree()
      const whole = filesThere()
      // Folders that were there get the time of whatever was made in them.
      const mattering = (found: Record<string, string>): Record<string, string> => {
        const { docs: _docs, 'docs/old.txt': _old, ...rest } = found
        return rest
      }
      const failures: string[] = []
      for (let at = 0; ; at++) {
        setUp()
        let problems: Extraction['problems'] = []
        let thrown: unknown
        const failed = await withFault({ at, code }, async () => {
          try {
            problems = (await extractTree()).problems
          } catch (error) {
            thrown = error
          }
        })
        if (failed === undefined) break
        failures.push(failed)
        const label = `call ${at}, ${failed}: ${code}`
        if (thrown !== undefined) expect(thrown, label).toBeInstanceOf(LmzError)
        expectNothingHalf(label)
        const isTold = problems.length > 0 || thrown !== undefined
        const { link: madeLink, ...made } = mattering(filesThere())
        const { link, ...expected } = mattering(whole)
        if (!isTold) {
          expect(made, `${label}: what is missing was not told of`).toEqual(expected)
          expect(madeLink, label).toEqual(link)
        }
        const left = readdirSync(destination).filter((name) => name.startsWith('.lmz-'))
        if (left.length > 0) expect(isTold, `${label}: ${left.join()} is left, and nobody told`).toBe(true)
      }
      expect(failures.length).toBeGreaterThan(60)
      expect(new Set(failures)).toContain('renameSync')
    },
  )

  it('by taking three bytes at a time gets every file whole', async () => {
    await withShortWrites(3, async () => {
      expect((await extractTree()).problems).toEqual([])
    })
    for (const [name, text] of Object.entries(inArchive)) expect(textOf(filesThere()[name] ?? ''), name).toBe(text)
  })

  it('by taking nothing and giving no reason ends, with each file named', async () => {
    await withShortWrites(0, async () => {
      const { problems } = await extractTree()
      expect(problems.map(({ error }) => error.code)).toEqual(
        ['Io', 'Io', 'Io', 'Io', 'NotFound', 'UnsafePath'].slice(0, problems.length),
      )
      expect(problems.length).toBeGreaterThanOrEqual(5)
    })
    expectNothingHalf('no bytes written')
  })
})
