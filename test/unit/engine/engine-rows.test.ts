import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import type { RowOrder } from '../../../src-main/contract/engine-api'
import { writeLargeArchive } from '../../support/large-archive'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { startEngine } from './engine-process'

const byName: RowOrder = { column: 'name', descending: false }
const page = { offset: 0, limit: 100 }
/** Other tests may be using the processor too. */
const patience = 5

describe('an engine with an archive open', () => {
  it('gives rows, finds and shares over the wire: a window would be empty', async () => {
    const path = join(temporaryFolder(), 'large.lmz')
    await writeLargeArchive(path, { files: 3000, filesInFolder: 100 })
    const { engine } = startEngine()
    const { handle } = await engine.openArchive(path)
    const top = await engine.list(handle, 0, byName, page)
    expect(top.rows.map(({ name }) => name)).toEqual(['Part 1', 'Part 2', 'Part 3'])
    expect(top.rows[0]).toMatchObject({ items: 10, hasFolders: true, kind: 'directory' })
    const part = top.rows[1]?.id ?? 0
    expect((await engine.folders(handle, part)).map(({ name }) => name)).toContain('folder-10')
    const found = await engine.find(handle, part, 'report', undefined, { offset: 10, limit: 5 })
    expect(found.rows).toHaveLength(5)
    expect(found.rows[0]?.place).toMatch(/^Part 2\/folder-\d+$/)
    const shares = await engine.shares(handle, 0, 50)
    expect(shares.parts).toHaveLength(3)
    expect(shares.stored).toBeGreaterThan(0)
    await engine.closeArchive(handle)
    await expect(engine.list(handle, 0, byName, page)).rejects.toMatchObject({ code: 'Usage' })
  })

  it('refuses what makes no sense: a broken window could stop it', async () => {
    const { engine } = startEngine()
    const careless = engine as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const calls: readonly (readonly [string, ...unknown[]])[] = [
      ['list', 1, 0, { column: 'colour', descending: false }, page],
      ['list', 1, 0, byName, { offset: 0, limit: 1e9 }],
      ['list', 1, -1, byName, page],
      ['find', 1, 0, 'x'.repeat(10_000), undefined, page],
      ['find', 1, 0, 7, undefined, page],
      ['folders', 1],
      ['shares', 1, 0, 0],
      ['shares', 1, 0, 1e9],
      ['submit', { verb: 'rename', archive: '/a.lmz', entry: 'a' }],
    ]
    for (const [name, ...args] of calls) {
      const label = `${name} ${JSON.stringify(args)}`
      await expect(careless[name]?.(...args), label).rejects.toMatchObject({ code: 'Usage' })
    }
  })

  it('reads at any offset: a viewer that scrolled too far would fail', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a.txt'), 'ten bytes.')
    await createArchive(join(folder, 'a.lmz'), [join(folder, 'a.txt')], { preset: 'fast' })
    const { engine } = startEngine()
    const { handle } = await engine.openArchive(join(folder, 'a.lmz'))
    const [entry] = (await engine.list(handle, 0, byName, page)).rows
    expect(await engine.read(handle, entry!.id, Number.MAX_SAFE_INTEGER, 100)).toHaveLength(0)
    expect(await engine.read(handle, entry!.id, 10, 100)).toHaveLength(0)
    expect(Buffer.from(await engine.read(handle, entry!.id, 4, 16_000_000)).toString()).toBe('bytes.')
    await expect(engine.read(handle, 99, 0, 1)).rejects.toMatchObject({ code: 'Format' })
  })

  it('tells what is wrong with damaged archives by a code: a window could say nothing but "error"', async () => {
    const folder = temporaryFolder()
    const source = join(folder, 'source')
    mkdirSync(source)
    for (let at = 0; at < 5; at++) writeFileSync(join(source, `f${at}`), new Random(at).bytes(300_000))
    const whole = join(folder, 'whole.lmz')
    await createArchive(whole, [source], { preset: 'fast', blockSize: 256 * 1024 })
    const bytes = readFileSync(whole)
    const { engine } = startEngine()
    const damaged = async (name: string, change: (bytes: Buffer) => Buffer | undefined) => {
      const path = join(folder, name)
      const copy = Buffer.from(bytes)
      writeFileSync(path, change(copy) ?? copy)
      return engine.openArchive(path).then(
        ({ info }) => info.condition,
        (error: unknown) => (error as { readonly code?: string }).code,
      )
    }
    expect(await damaged('empty.lmz', () => Buffer.alloc(0))).toBe('Format')
    expect(await damaged('index.lmz', (copy) => void copy.fill(7, copy.length - 400, copy.length - 250))).toBe(
      'Corrupt',
    )
    expect(await damaged('start.lmz', (copy) => copy.subarray(0, 100))).toBe('Corrupt')
    // A block in the middle is damaged: the list is whole, and what is lost is told when it is read.
    expect(await damaged('block.lmz', (copy) => void copy.fill(7, 1000, 2000))).toBe('intact')
    const { handle } = await engine.openArchive(join(folder, 'block.lmz'))
    const [top] = (await engine.list(handle, 0, byName, page)).rows
    const { rows } = await engine.list(handle, top!.id, byName, page)
    await expect(engine.read(handle, rows[0]!.id, 0, 1000)).rejects.toMatchObject({ code: 'Corrupt' })
    await expect(engine.openArchive(folder)).rejects.toThrow(/is not a file/)
    truncateSync(whole, 10)
    await expect(engine.openArchive(whole)).rejects.toMatchObject({ code: 'Corrupt' })
  })

  it(
    'answers within 100 ms in 100,000 entries, and while it reads them: lists would stand still',
    { timeout: 120_000 },
    async () => {
      const path = join(temporaryFolder(), 'large.lmz')
      await writeLargeArchive(path, { files: 100_000, filesInFolder: 1_000_000 })
      const { engine } = startEngine()
      const { handle } = await engine.openArchive(path)
      const timed = async <Value>(call: () => Promise<Value>): Promise<number> => {
        const start = performance.now()
        await call()
        return performance.now() - start
      }
      const [part] = (await engine.list(handle, 0, byName, page)).rows
      const [folder] = (await engine.list(handle, part!.id, byName, page)).rows
      const directory = folder!.id
      // Everything is read, and large folders are sorted ahead.
      await engine.shares(handle, 0, 100)
      expect((await engine.list(handle, directory, byName, page)).total).toBe(100_000)
      for (const column of ['name', 'size', 'stored', 'bits', 'kind', 'modified'] as const) {
        const order = { column, descending: true }
        const milliseconds = await timed(() => engine.list(handle, directory, order, { offset: 50_000, limit: 100 }))
        expect(milliseconds, column).toBeLessThan(100 * patience)
      }
      for (const text of ['r', 're', 'rep', 'report 1', 'nothing like it', 'folder-0/report']) {
        expect(await timed(() => engine.find(handle, 0, text, undefined, page)), text).toBeLessThan(60 * patience)
      }
      const started = performance.now()
      let [slowest, isAccounted] = [0, false]
      const accounting = engine.account(handle).finally(() => (isAccounted = true))
      while (!isAccounted) {
        slowest = Math.max(slowest, await timed(() => engine.list(handle, 0, byName, page)))
      }
      const { parts, archiveBytes } = await accounting
      expect(performance.now() - started).toBeLessThan(1500 * patience)
      expect(slowest).toBeLessThan(100 * patience)
      expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(archiveBytes)
      const { total, rows } = await engine.find(handle, 0, 'invoice', { column: 'size', descending: true }, page)
      expect(total).toBeGreaterThan(5000)
      expect(rows.map(({ size }) => size)).toEqual(
        rows.map(({ size = 0 }) => size).toSorted((one, other) => other - one),
      )
    },
  )
})
