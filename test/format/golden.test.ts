import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { codecByNumber } from '../../src-main/codecs/registry'
import { decimalColumns } from '../../src-main/codecs/transforms/columns/decimal-columns'
import { frameHeaderLength } from '../../src-main/format/frame'
import { readFrameHeader } from '../../src-main/format/frame-reader'
import { extractArchive, repairArchive, verifyArchive } from '../../src-main/shells/library/index'
import { temporaryFolder } from '../support/temporary'

/*
 * Archives that earlier versions of lmz made. They must open for ever, and hold what they held: if one of these fails, the
 * format, a codec or a prior has changed under archives that people have.
 */

interface Held {
  readonly mode?: number
  readonly size?: number
  readonly mtime?: number
  readonly sha256?: string
  readonly target?: string
}

const folder = join(import.meta.dirname, 'golden')
const generations = readdirSync(folder).filter((name) => name.endsWith('.json'))

const archives = generations.flatMap((file) => {
  const made = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<
    string,
    {
      readonly root: string
      readonly holds: Readonly<Record<string, Held>>
      /** Of an encrypted one: those that open it. */
      readonly passwords?: readonly string[]
      /** One that did so once. */
      readonly oldPassword?: string
    }
  >
  return Object.entries(made).map(([name, held]) => ({ name: `${file.slice(0, -5)}-${name}.lmz`, ...held }))
})

describe.each(archives)('the golden archive $name', ({ name, root, holds, passwords, oldPassword }) => {
  const path = join(folder, name)
  const password = passwords?.[0]

  it.runIf(passwords !== undefined)('opens with each of its passwords, and no other', async () => {
    for (const one of passwords ?? []) {
      const archive = await Archive.open(path, undefined, { password: one })
      expect(archive.condition).toBe('intact')
      archive.close()
    }
    for (const wrong of [oldPassword, undefined]) {
      const refused = { code: 'Auth', reason: 'password' }
      await expect(Archive.open(path, undefined, { password: wrong })).rejects.toMatchObject(refused)
    }
  })

  it('is whole', async () => {
    const { damagedFiles, uncheckedFiles, condition } = await verifyArchive(path, { password })
    expect({ damagedFiles, uncheckedFiles, condition }).toEqual({
      damagedFiles: 0,
      uncheckedFiles: 0,
      condition: 'intact',
    })
  })

  it('holds what it held when it was made', async () => {
    const destination = temporaryFolder()
    await extractArchive(path, [], destination, { smart: false, password })
    expect(heldBy(join(destination, root), Object.keys(holds))).toEqual(expectedHere(holds))
    const extracted = readdirSync(join(destination, root), { recursive: true }) as string[]
    expect(extracted.map((one) => one.replaceAll('\\', '/')).sort()).toEqual(Object.keys(holds).sort())
  })
})

describe('the golden archives', () => {
  it('were made with every codec, start and transform', async () => {
    const seen = new Set<string>()
    for (const { name } of archives.filter(
      ({ name, passwords }) => passwords === undefined && !name.endsWith('-damaged.lmz'),
    )) {
      const archive = await Archive.open(join(folder, name))
      for (const { position, codec, storedLength } of archive.index.blocks()) {
        const header = readFrameHeader(archive.source, position)
        const stored = archive.source.read(position + frameHeaderLength, storedLength)
        seen.add(codecByNumber(codec).name)
        if (header.codec !== 2) continue
        seen.add(`start ${stored[1] ?? -1}`)
        seen.add(`transform ${stored[2] ?? -1}`)
      }
      archive.close()
    }
    const codecs = ['store', 'zstd', 'mix', 'neural', 'float', 'delta']
    const starts = [0, 1, 2, 3, 4].map((number) => `start ${number}`)
    // The fourth, decimal-columns, is the best choice so seldom that it has a file of its own below.
    const transforms = [0, 1, 2, 3].map((number) => `transform ${number}`)
    expect([...seen].sort()).toEqual([...codecs, ...starts, ...transforms].sort())
  })
})

describe('the golden archive that is damaged', () => {
  it('is repaired to the one that is not, byte for byte', async () => {
    const target = join(temporaryFolder(), 'repaired.lmz')
    const { lostFiles, health } = await repairArchive(join(folder, 'parity-1-damaged.lmz'), target)
    expect(lostFiles).toBe(0)
    expect(health.repairableBytes).toBeGreaterThan(1000)
    expect(readFileSync(target).equals(readFileSync(join(folder, 'parity-1-protected.lmz')))).toBe(true)
  })
})

describe('what decimal-columns made of a table', () => {
  it('becomes that table again', () => {
    const table = decimalColumns.inverse(readFileSync(join(folder, 'v1-decimal-columns.bin')), 40_000)
    const hash = createHash('sha256').update(table).digest('hex')
    expect(hash).toBe('dc3b8737d719efe1acb4ecca43baf55b25ee6e22959c8258c71d16626ba77245')
  })
})

/** What stands in a folder under these names. */
function heldBy(folder: string, names: readonly string[]): Record<string, Held> {
  return Object.fromEntries(
    names.map((name): [string, Held] => {
      const path = join(folder, name)
      const stats = lstatSync(path)
      if (stats.isSymbolicLink()) return [name, { target: readlinkSync(path) }]
      const mode = process.platform === 'win32' ? {} : { mode: stats.mode & 0o7777 }
      if (stats.isDirectory()) return [name, mode]
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
      return [name, { ...mode, size: stats.size, mtime: stats.mtimeMs / 1000, sha256 }]
    }),
  )
}

/** Windows has no permissions to compare. */
function expectedHere(holds: Readonly<Record<string, Held>>): Record<string, Held> {
  if (process.platform !== 'win32') return holds
  return Object.fromEntries(Object.entries(holds).map(([name, { mode: _mode, ...held }]) => [name, held]))
}
