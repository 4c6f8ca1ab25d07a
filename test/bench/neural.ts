import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type * as library from '../../src-main/shells/library/index'

/*
 * node test/bench/neural.ts [folder or file ...] [--block-sizes 512]
 *
 * Packs each of the paths (those of LMZ_CORPUS/dev if none is given) with mix alone and with the net beside it, in blocks of the same size,
 * tests the archives, and prints a Markdown table of bytes and speeds. To be run when out/ is built and the machine has nothing else to do.
 */

const built = new URL('../../out/main/lmz.js', import.meta.url).href
const { createArchive, openArchive, verifyArchive } = (await import(built)) as typeof library

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'block-sizes': { type: 'string', default: '512' } },
})
const corpus = join(process.env['LMZ_CORPUS'] ?? resolve(import.meta.dirname, '../../../shared/corpus'), 'dev')
const paths =
  positionals.length > 0
    ? positionals.map((path) => resolve(path))
    : readdirSync(corpus).map((name) => join(corpus, name))

console.log('| data | block, KiB | bytes | mix | max | max / mix | kB/s packed | kB/s tested |')
console.log('|---|---:|---:|---:|---:|---:|---:|---:|')
const folder = mkdtempSync(join(tmpdir(), 'lmz-bench-'))
const sums = { raw: 0, mix: 0, max: 0, packing: 0, testing: 0 }
try {
  for (const kibibytes of values['block-sizes'].split(',').map(Number)) {
    for (const path of paths) {
      const mix = await pack(path, 'balanced', kibibytes * 1024)
      const max = await pack(path, 'max', kibibytes * 1024)
      print(path.split('/').at(-1) ?? path, kibibytes, { ...max, mix: mix.bytes, max: max.bytes })
      sums.raw += max.raw
      sums.mix += mix.bytes
      sums.max += max.bytes
      sums.packing += max.packing
      sums.testing += max.testing
    }
    if (paths.length > 1) print('all', kibibytes, sums)
  }
} finally {
  rmSync(folder, { recursive: true })
}

function print(name: string, kibibytes: number, { raw, mix, max, packing, testing }: typeof sums): void {
  const speeds = [packing, testing].map((seconds) => (raw / seconds / 1000).toFixed(0))
  console.log(`| ${[name, kibibytes, raw, mix, max, (max / mix).toFixed(4), ...speeds].join(' | ')} |`)
}

/** Bytes of the archive, and seconds. */
async function pack(path: string, preset: 'balanced' | 'max', blockSize: number) {
  const archive = join(folder, 'x.lmz')
  const start = performance.now()
  await createArchive(archive, [path], { preset, blockSize, replace: true })
  const packed = performance.now()
  const { condition } = await verifyArchive(archive)
  const tested = performance.now()
  if (condition !== 'intact') throw new Error(`${path} does not come back`)
  using opened = await openArchive(archive)
  const { archiveBytes, rawBytes } = opened.info()
  return { bytes: archiveBytes, raw: rawBytes, packing: (packed - start) / 1000, testing: (tested - packed) / 1000 }
}
