import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import {
  createArchive,
  estimateArchive,
  extractArchive,
  LmzError,
  openArchive,
  type Entry,
  type PackReport,
  verifyArchive,
} from 'lmz'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporary'

const root = resolve(import.meta.dirname, '../..')

async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    if (error instanceof LmzError) return error.code
    throw error
  }
  return 'none'
}

async function sampleArchive(): Promise<{
  readonly folder: string
  readonly archive: string
  readonly report: PackReport
}> {
  const folder = temporaryFolder()
  const source = join(folder, 'source')
  mkdirSync(join(source, 'deep'), { recursive: true })
  writeFileSync(join(source, 'one.txt'), '0123456789'.repeat(50_000))
  writeFileSync(join(source, 'deep', 'two.txt'), 'two')
  const archive = join(folder, 'sample.lmz')
  return { folder, archive, report: await createArchive(archive, [source], { blockSize: 64 * 1024 }) }
}

describe('the library', () => {
  it('runs the example of its documentation as it stands: the first thing a user tries would fail', async () => {
    const example = /^```js\n(.*?)^```$/ms.exec(readFileSync(join(root, 'docs/library.md'), 'utf8'))?.[1] ?? ''
    // Below the package, so that 'lmz' is found as it would be from node_modules.
    const folder = mkdtempSync(join(root, 'out', 'example-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'example.mjs'), example)
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^1 file, 11000 bytes in \d+\n/)
    expect(stdout).toContain('\nnotes/monday.txt 11000\n')
    expect(stdout).toContain('\nIt rained.\n2 changes\n')
    expect(stdout).toContain(`\nextracted to ${join('out', 'notes')}\nwhole\n`)
    expect(stdout.endsWith('\nFormat tuesday.txt is not an lmz archive.\n')).toBe(true)
  })

  it('makes an archive and looks into it', async () => {
    const { archive, report } = await sampleArchive()
    expect(report).toMatchObject({ entries: 4, files: 2, rawBytes: 500_003, problems: [] })
    using opened = await openArchive(archive)
    const pathsOf = (entries: Iterable<Entry>): string[] => [...entries].map((entry) => opened.pathOf(entry))
    for (const top of [undefined, '', '/', '.']) expect(pathsOf(opened.list(top))).toEqual(['source'])
    expect(pathsOf(opened.list('source'))).toEqual(['source/deep', 'source/one.txt'])
    expect(pathsOf(opened.list('source', { recursive: true }))).toEqual([
      'source/deep',
      'source/deep/two.txt',
      'source/one.txt',
    ])
    expect(pathsOf(opened.find('TWO'))).toEqual(['source/deep/two.txt'])
    expect(opened.entry('source/one.txt').size).toBe(500_000)
    const bytes = Buffer.concat([...opened.read('source/one.txt')])
    expect(bytes.toString()).toBe('0123456789'.repeat(50_000))
    expect(Buffer.from(opened.readRange('source/one.txt', 65_535, 12)).toString()).toBe('567890123456')
    expect(opened.readRange('source/one.txt', 499_999, 12)).toHaveLength(1)
    expect(opened.info()).toMatchObject({ files: 2, blockSize: 65_536, commits: 1 })
  })

  it('answers wrong calls with a code: a caller in JavaScript could not tell what is wrong', async () => {
    const { folder, archive } = await sampleArchive()
    const opened = await openArchive(archive)
    const careless = createArchive as unknown as (...args: unknown[]) => Promise<unknown>
    expect(await codeOf(() => opened.entry('none'))).toBe('NotFound')
    expect(await codeOf(() => opened.list('source/one.txt'))).toBe('Usage')
    expect(await codeOf(() => [...opened.read('source')])).toBe('Usage')
    expect(await codeOf(() => opened.readRange('source/one.txt', -1, 5))).toBe('Usage')
    opened.close()
    opened.close()
    expect(await codeOf(() => opened.info())).toBe('Usage')
    expect(await codeOf(() => openArchive(join(folder, 'none.lmz')))).toBe('NotFound')
    expect(await codeOf(() => createArchive(archive, [folder]))).toBe('Collision')
    for (const wrong of [
      [archive, []],
      [archive, [folder], { preset: 'best' }],
      [archive, [folder], { blockSize: 5 }],
      [''],
    ]) {
      expect(await codeOf(() => careless(...wrong)), JSON.stringify(wrong)).toBe('Usage')
    }
  })

  it('tells beforehand what an archive would come to', async () => {
    const { folder, archive, report } = await sampleArchive()
    const settings = { preset: 'balanced', blockSize: 64 * 1024 } as const
    const estimate = await estimateArchive([join(folder, 'source')], settings)
    expect(estimate).toMatchObject({ entries: 4, files: 2, rawBytes: 500_003, presets: [settings] })
    expect(estimate.presets[0]?.archiveBytes.high).toBeGreaterThan(report.archiveBytes / 1.25)
    expect(await codeOf(() => estimateArchive([folder], { archive }))).toBe('Collision')
  })

  it('asks before it overwrites, and skips without anybody to ask', async () => {
    const { folder, archive } = await sampleArchive()
    const mine = join(folder, 'two.txt')
    const extract = (options: Parameters<typeof extractArchive>[3]) =>
      extractArchive(archive, ['source/deep/two.txt'], folder, options)
    writeFileSync(mine, 'mine')
    await extract({})
    expect(readFileSync(mine, 'utf8')).toBe('mine')
    await extract({ ask: async () => ({ choice: 'replace', forAll: false }) })
    expect(readFileSync(mine, 'utf8')).toBe('two')
  })

  it('stops when its signal says so', async () => {
    const { archive } = await sampleArchive()
    expect(await codeOf(() => verifyArchive(archive, { signal: AbortSignal.abort() }))).toBe('Cancelled')
  })
})
