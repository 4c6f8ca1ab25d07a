import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import type * as blocks from './decoding-blocks.ts'

/*
 * node test/bench/decoding.ts <archive ...> [--most 64]
 *
 * Decodes blocks of archives with one thread and prints a Markdown table: of each codec, how many bytes, how many a second, and what a raw byte takes in
 * milliseconds, which is the unit of src-main/archive/work-costs.ts. Of an archive, so many MiB of each codec are decoded at most.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { most: { type: 'string', default: '64' } },
})
const root = resolve(import.meta.dirname, '../..')
// Beside out/main, so that the priors are found from there as they are from out/main.
const outDir = join(root, 'out/decoding-bench')
const ssr = join(root, 'test/bench/decoding-blocks.ts')
await build({ root, configFile: false, logLevel: 'warn', build: { ssr, outDir, target: 'node24' } })
const { decodeBlocks } = (await import(pathToFileURL(join(outDir, 'decoding-blocks.js')).href)) as typeof blocks

console.log('| archive | codec | blocks | raw bytes | MB/s | ms a byte |')
console.log('|---|---|---:|---:|---:|---:|')
for (const path of positionals) {
  for (const [codec, { count, bytes, seconds }] of await decodeBlocks(path, Number(values.most) * 1024 * 1024)) {
    const speed = (bytes / seconds / 1e6).toFixed(1)
    console.log(
      `| ${[basename(path), codec, count, bytes, speed, ((seconds * 1000) / bytes).toExponential(1)].join(' | ')} |`,
    )
  }
}
