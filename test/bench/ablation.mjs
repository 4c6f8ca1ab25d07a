/**
 * node test/bench/ablation.mjs [path ...] [--block-sizes 64,256,1024,4096]: what prior, primers and transforms bring. Packs the paths (those of the
 * dev corpus that are text, if none is given) in blocks of each size, codes every block again without one of the three, and prints a
 * Markdown table of payload bytes. To be run when out/ is built; some minutes.
 */
import console from 'node:console'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'block-sizes': { type: 'string', default: '64,256,1024,4096' } },
})
const corpus = join(process.env.LMZ_CORPUS ?? resolve(root, '../shared/corpus'), 'dev')
const notText = new Set(['images', 'office', 'tensors', 'binaries', 'SHA256SUMS', 'SOURCES.md'])
const paths =
  positionals.length > 0
    ? positionals.map((path) => resolve(path))
    : readdirSync(corpus)
        .filter((name) => !notText.has(name))
        .map((name) => join(corpus, name))

// Beside out/main, so that the priors are found from there as they are from out/main.
const outDir = join(root, 'out/ablation')
const ssr = join(root, 'test/bench/ablation-blocks.ts')
await build({ root, configFile: false, logLevel: 'warn', build: { ssr, outDir, target: 'node24' } })
const { ablate } = await import(pathToFileURL(join(outDir, 'ablation-blocks.js')).href)
const { createArchive } = await import(pathToFileURL(join(root, 'out/main/lmz.js')).href)

console.log('| block | blocks | all | without prior | without primers | without transforms | without any |')
console.log('|---|---:|---:|---:|---:|---:|---:|')
const folder = mkdtempSync(join(tmpdir(), 'lmz-ablation-'))
try {
  for (const kibibytes of values['block-sizes'].split(',').map(Number)) {
    const archive = join(folder, `${kibibytes}.lmz`)
    await createArchive(archive, paths, { preset: 'balanced', blockSize: kibibytes * 1024 })
    const { blocks, primers, all, withoutPrior, withoutPrimers, withoutTransforms, withoutAny } = await ablate(archive)
    const whole = all + primers
    const cell = (bytes) => `${bytes} (${((bytes / whole - 1) * 100).toFixed(1)} %)`
    const cells = [withoutPrior + primers, withoutPrimers, withoutTransforms + primers, withoutAny].map(cell)
    console.log(`| ${kibibytes} KiB | ${blocks} | ${whole} | ${cells.join(' | ')} |`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
