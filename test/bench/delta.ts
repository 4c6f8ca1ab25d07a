import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type * as library from '../../src-main/shells/library/index'

/*
 * node test/bench/delta.ts FIRST SECOND [...] [--presets fast,balanced]
 *
 * Packs checkpoints of one run: the first one alone, and then all of them, in one job and by adding one after the other. Prints a Markdown table
 * of what the later ones cost, as a share of the first. To be run when out/ is built.
 */

const built = new URL('../../out/main/lmz.js', import.meta.url).href
const { createArchive, openArchive, addToArchive, verifyArchive } = (await import(built)) as typeof library

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { presets: { type: 'string', default: 'fast,balanced' } },
})
const [first, ...later] = positionals.map((path) => resolve(path))
if (first === undefined || later.length === 0) throw new Error('Name two checkpoints or more.')

const folder = mkdtempSync(join(tmpdir(), 'lmz-delta-'))
try {
  console.log(
    '| preset | first | of raw | later, in one job | of the first | later, added | of the first | MB/s | verify MB/s |',
  )
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|')
  for (const preset of values.presets.split(',') as readonly ('fast' | 'balanced' | 'max')[]) {
    const at = (name: string): string => join(folder, `${preset}-${name}.lmz`)
    const started = performance.now()
    await createArchive(at('one'), [first], { preset })
    const half = performance.now()
    await createArchive(at('all'), [first, ...later], { preset })
    const packed = performance.now()
    await createArchive(at('added'), [first], { preset })
    for (const path of later) await addToArchive(at('added'), [path])
    const before = performance.now()
    for (const name of ['all', 'added']) {
      const { problems } = await verifyArchive(at(name))
      if (problems.length > 0) throw new Error(`${name} does not verify`)
    }
    const verifying = (performance.now() - before) / 2000
    const [one, all, added] = [await dataOf(at('one')), await dataOf(at('all')), await dataOf(at('added'))]
    const raw = statSync(first).size
    const laterRaw = later.reduce((sum, path) => sum + statSync(path).size, 0)
    const speed = laterRaw / 1e6 / Math.max(1e-3, (packed - half - (half - started)) / 1000)
    const share = (bytes: number): string => (bytes / later.length / one).toFixed(3)
    const cells = [preset, one, (one / raw).toFixed(3), all - one, share(all - one), added - one, share(added - one)]
    console.log(`| ${[...cells, speed.toFixed(1), ((raw + laterRaw) / 1e6 / verifying).toFixed(1)].join(' | ')} |`)
  }
  console.log(
    `\nfirst: ${basename(first)}; later: ${later.map((path) => basename(path)).join(', ')}; bytes of the blocks' payloads`,
  )
} finally {
  rmSync(folder, { recursive: true })
}

async function dataOf(path: string): Promise<number> {
  const archive = await openArchive(path)
  try {
    const { dataBytes, primerBytes, blocksByCodec } = archive.info()
    console.error(basename(path), dataBytes, blocksByCodec)
    return dataBytes + primerBytes
  } finally {
    archive.close()
  }
}
