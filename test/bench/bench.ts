import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isInstalled, measure, type Measurement, median } from './measure.ts'
import { type Contender, lmzContenders, peers } from './peers.ts'

/*
 * npm run bench [-- folder] [--runs 3] [--only name,name] [--json file]
 *
 * Packs, unpacks and takes one file out with every preset of lmz and every installed peer, in one run over the same
 * folder (LMZ_CORPUS/dev if none is given), and prints medians as a Markdown table.
 */

interface Row {
  readonly name: string
  readonly bytes: number
  readonly ratio: number
  readonly packSeconds: number
  readonly unpackSeconds: number
  readonly singleSeconds: number
  readonly singleBytesRead: number
  readonly peakMemory: number
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, only: { type: 'string' }, json: { type: 'string' } },
})
const invokedFrom = process.env['INIT_CWD'] ?? process.cwd()
const corpus = process.env['LMZ_CORPUS'] ?? resolve(import.meta.dirname, '../../../shared/corpus')
const folder = positionals[0] === undefined ? join(corpus, 'dev') : resolve(invokedFrom, positionals[0])
const runs = Number(values.runs)
const launcher = resolve(import.meta.dirname, '../../out/lmz')

const files = filesBelow(folder)
const rawBytes = files.reduce((total, { size }) => total + size, 0)
// The file nearest to 10 kB, like one a user would look into.
const single = files.toSorted((left, right) => Math.abs(left.size - 10_000) - Math.abs(right.size - 10_000))[0]
if (single === undefined) throw new Error(`There are no files in ${folder}.`)
const entry = relative(dirname(folder), single.path)

const only = values.only?.split(',')
const contenders = [...lmzContenders(launcher), ...peers].filter(
  ({ name }) => only?.some((part) => name.includes(part)) ?? true,
)
const rows: Row[] = []
for (const contender of contenders) {
  if (!isInstalled(contender.program)) {
    console.error(`${contender.name}: ${contender.program} is not installed; left out`)
    continue
  }
  console.error(contender.name)
  rows.push(run(contender))
}
console.log(table(rows))
if (values.json !== undefined) {
  const result = { folder, files: files.length, rawBytes, entry, entryBytes: single.size, runs, rows }
  writeFileSync(resolve(invokedFrom, values.json), `${JSON.stringify(result, undefined, 2)}\n`)
}

function run(contender: Contender): Row {
  const work = mkdtempSync(join(tmpdir(), 'lmz-bench-'))
  try {
    const archive = join(work, `archive.${contender.extension}`)
    const environment = { NAME: basename(folder), ARCHIVE: archive, ENTRY: entry }
    const pack = repeat(() => {
      rmSync(archive, { force: true })
      return measure(contender.pack, dirname(folder), environment)
    })
    const unpack = repeat(() => measure(contender.unpack, emptyFolder(work), environment))
    const one = repeat(() => measure(contender.single, emptyFolder(work), environment))
    const bytes = statSync(archive).size
    return {
      name: contender.name,
      bytes,
      ratio: bytes / rawBytes,
      packSeconds: median(pack.map(({ seconds }) => seconds)),
      unpackSeconds: median(unpack.map(({ seconds }) => seconds)),
      singleSeconds: median(one.map(({ seconds }) => seconds)),
      singleBytesRead: median(one.map(({ bytesRead }) => bytesRead)),
      peakMemory: Math.max(...[...pack, ...unpack].map(({ peakMemory }) => peakMemory)),
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function repeat(once: () => Measurement): Measurement[] {
  return Array.from({ length: runs }, once)
}

function emptyFolder(work: string): string {
  const path = join(work, 'unpacked')
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path)
  return path
}

function filesBelow(path: string): { readonly path: string; readonly size: number }[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => join(found.parentPath, found.name))
    .map((found) => ({ path: found, size: statSync(found).size }))
}

function table(results: readonly Row[]): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
  const lines = results.map((row) => {
    const { name, bytes, ratio, packSeconds, unpackSeconds, singleSeconds, singleBytesRead, peakMemory } = row
    const cells = [
      name,
      bytes.toLocaleString('en'),
      `${(ratio * 100).toFixed(2)} %`,
      packSeconds.toFixed(2),
      unpackSeconds.toFixed(2),
      singleSeconds.toFixed(2),
      megabytes(singleBytesRead),
      Math.round(peakMemory / 1e6).toString(),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    `${basename(folder)}: ${files.length} files, ${rawBytes.toLocaleString('en')} bytes; one file: ${entry} (${single?.size} bytes); median of ${runs}`,
    '',
    '| | bytes | ratio | pack s | unpack s | one file s | read for it MB | peak memory MB |',
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    ...lines,
  ].join('\n')
}
