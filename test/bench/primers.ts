import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type * as library from '../../src-main/shells/library/index'

/*
 * node test/bench/primers.ts [folder or file ...] [--block-sizes 64,256,1024] [--preset balanced]
 *
 * Packs each of the paths (those of LMZ_CORPUS/dev if none is given) without and with primers, checks nothing but sizes, and prints
 * a Markdown table. To be run when out/ is built.
 */

const built = new URL('../../out/main/lmz.js', import.meta.url).href
const { createArchive, openArchive } = (await import(built)) as typeof library

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'block-sizes': { type: 'string', default: '64,256,1024' },
    preset: { type: 'string', default: 'balanced' },
  },
})
const corpus = join(process.env['LMZ_CORPUS'] ?? resolve(import.meta.dirname, '../../../shared/corpus'), 'dev')
const paths =
  positionals.length > 0
    ? positionals.map((path) => resolve(path))
    : readdirSync(corpus).map((name) => join(corpus, name))
const preset = values.preset as 'fast' | 'balanced' | 'max'

console.log(
  '| data | block, KiB | bytes without | with primers | change | primers: raw, stored | seconds without, with |',
)
console.log('|---|---:|---:|---:|---:|---|---|')
const folder = mkdtempSync(join(tmpdir(), 'lmz-bench-'))
try {
  for (const path of paths) {
    for (const blockSize of values['block-sizes'].split(',').map((kibibytes) => Number(kibibytes) * 1024)) {
      const without = await pack(path, blockSize, false)
      const primed = await pack(path, blockSize, true)
      const change = `${((primed.bytes / without.bytes - 1) * 100).toFixed(1)} %`
      const primers = primed.primers === 0 ? 'none' : `${primed.primers}: ${primed.raw}, ${primed.stored}`
      const seconds = `${without.seconds.toFixed(1)}, ${primed.seconds.toFixed(1)}`
      const name = path.split('/').at(-1) ?? path
      const cells = [name, blockSize / 1024, without.bytes, primed.bytes, change, primers, seconds]
      console.log(`| ${cells.join(' | ')} |`)
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}

interface Packed {
  readonly bytes: number
  readonly seconds: number
  readonly primers: number
  readonly raw: number
  readonly stored: number
}

async function pack(path: string, blockSize: number, withPrimers: boolean): Promise<Packed> {
  const archive = join(folder, 'x.lmz')
  const start = performance.now()
  await createArchive(archive, [path], { preset, blockSize, primers: withPrimers, replace: true })
  const seconds = (performance.now() - start) / 1000
  using opened = await openArchive(archive)
  const { archiveBytes, primers, primerRawBytes, primerBytes } = opened.info()
  return { bytes: archiveBytes, seconds, primers, raw: primerRawBytes, stored: primerBytes }
}
