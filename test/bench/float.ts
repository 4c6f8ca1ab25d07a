import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import type * as blocks from './float-blocks.ts'

/*
 * node test/bench/float.ts <file ...> [--block-size 2048] [--codecs fast,strong,zstd-3,zstd-19,mix] [--most 64]
 *
 * Codes files of numbers, cut in blocks of so many KiB, with each codec, and prints a Markdown table: bytes, share of the raw bytes, and MB/s of
 * one processor core, coding and decoding. Of a file, so many MiB are read at most.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'block-size': { type: 'string', default: '2048' },
    codecs: { type: 'string', default: 'fast,strong,zstd-3,zstd-19,mix' },
    most: { type: 'string', default: '64' },
  },
})
const ways: Readonly<Record<string, readonly [number, number]>> = {
  fast: [4, 0],
  strong: [4, 1],
  'zstd-3': [1, 3],
  'zstd-19': [1, 19],
  mix: [2, 0],
}

const root = resolve(import.meta.dirname, '../..')
// Beside out/main, so that the priors are found from there as they are from out/main.
const outDir = join(root, 'out/float-bench')
const ssr = join(root, 'test/bench/float-blocks.ts')
await build({ root, configFile: false, logLevel: 'warn', build: { ssr, outDir, target: 'node24' } })
const { codeBlocks } = (await import(pathToFileURL(join(outDir, 'float-blocks.js')).href)) as typeof blocks

const names = values.codecs.split(',')
const sums = new Map(names.map((name) => [name, { raw: 0, bytes: 0, encoding: 0, decoding: 0 }]))
console.log('| file | codec | raw | stored | share | MB/s coding | MB/s decoding |')
console.log('|---|---|---:|---:|---:|---:|---:|')
for (const path of positionals) {
  const file = readFileSync(path).subarray(0, Number(values.most) * 1024 * 1024)
  for (const name of names) {
    const way = ways[name]
    if (way === undefined) throw new Error(`${name} is none of ${Object.keys(ways).join(', ')}.`)
    const coded = await codeBlocks(file, Number(values['block-size']) * 1024, ...way)
    print(basename(path), name, { raw: file.length, ...coded })
    const sum = sums.get(name)
    if (sum === undefined) continue
    sum.raw += file.length
    sum.bytes += coded.bytes
    sum.encoding += coded.encoding
    sum.decoding += coded.decoding
  }
}
if (positionals.length > 1) for (const [name, sum] of sums) print('all', name, sum)

function print(file: string, codec: string, sum: blocks.Coded & { readonly raw: number }): void {
  const { raw, bytes, encoding, decoding } = sum
  const speeds = [encoding, decoding].map((seconds) => (raw / seconds / 1e6).toFixed(1))
  console.log(`| ${[file, codec, raw, bytes, (bytes / raw).toFixed(4), ...speeds].join(' | ')} |`)
}
