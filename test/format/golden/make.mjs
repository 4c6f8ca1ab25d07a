/**
 * node test/format/golden/make.mjs <name> [archive ...]: makes the golden archives of a release, test/format/golden/<name>-*.lmz, or those that are
 * named, and says in <name>.json what they hold. Golden archives are made once and never again: each must open for ever. A later format, codec,
 * prior or net gets another name. To be run when out/ is built.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import process from 'node:process'

const [name, ...wanted] = process.argv.slice(2)
if (name === undefined) throw new Error('Say which name the archives get, such as v1.')
const here = import.meta.dirname
const lmz = resolve(here, '../../../out/lmz')
if (existsSync(join(here, `${name}.json`))) throw new Error(`${name} has been made already, and is never made again.`)

let seed = 20261121
/** xorshift32: below `limit`. */
function random(limit) {
  seed ^= seed << 13
  seed ^= seed >>> 17
  seed ^= seed << 5
  return (seed >>> 0) % limit
}
const pick = (list) => list[random(list.length)]
const lines = (count, line) => Array.from({ length: count }, (_none, at) => line(at)).join('\n') + '\n'

const words =
  'the of and to in a keeper lamp harbour ship tide wind glass stone letter winter spring found wrote left under'.split(
    ' ',
  )
const sentence = () => {
  const text = Array.from({ length: 6 + random(12) }, () => pick(words)).join(' ')
  return `${text[0].toUpperCase()}${text.slice(1)}.`
}
const log = (count) =>
  lines(
    count,
    (at) =>
      `10.0.${random(4)}.${random(250)} - - [21/Nov/2026:10:${String(Math.trunc(at / 60) % 60).padStart(2, '0')}:${String(at % 60).padStart(2, '0')} +0000] "GET /${pick(words)}/${random(900)} HTTP/1.1" ${pick([200, 200, 200, 304, 404])} ${random(40_000)}`,
  )

function machineCode(length) {
  const code = Buffer.alloc(length)
  for (let at = 0; at < length;) {
    const left = length - at
    if (left > 5 && random(5) === 0) {
      code[at] = 0xe8
      code.writeInt32LE((pick([0x1000, 0x2340, 0x88]) - at - 5) | 0, at + 1)
      at += 5
    } else code[at++] = pick([0x48, 0x89, 0x8b, 0xc0, 0x55, 0xc3, 0x90, 0x83, random(256)])
  }
  return Buffer.concat([Buffer.from('MZ'), code])
}

function records(count) {
  const bytes = Buffer.alloc(count * 20)
  for (let at = 0; at < count; at++) {
    bytes.writeDoubleLE(Math.fround(at * 1.5 + random(8) / 8), at * 20)
    bytes.writeUInt32LE(at * 7, at * 20 + 8)
    bytes.writeUInt32LE(random(5), at * 20 + 12)
  }
  return bytes
}

const folder = mkdtempSync(join(tmpdir(), 'lmz-golden-'))
const tree = join(folder, 'tree')
const put = (path, content) => {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), content)
}
put('empty', '')
put('notes.txt', 'one byte more than nothing')
put('book.txt', Array.from({ length: 260 }, () => Array.from({ length: 5 }, sentence).join(' ')).join('\n\n'))
put('docs/readme.md', readFileSync(resolve(here, '../../../docs/format.md')))
put(
  'src/lamp.ts',
  lines(200, (at) => `export function ${pick(words)}${at}(value: number): number {\n  return value * ${random(99)}\n}`),
)
put(
  'data/table.csv',
  `id,name,state,latitude,longitude\n${lines(600, (at) => `${at},${pick(words)},${pick(['on', 'off'])},${(47 + random(90_000) / 1e5).toFixed(5)},${(8 + random(90_000) / 1e5).toFixed(5)}`)}`,
)
put(
  'data/track.json',
  JSON.stringify(
    Array.from({ length: 500 }, (_none, at) =>
      [8.5 + at * 0.00031 + random(30) / 1e5, 47.3 + random(30) / 1e5].map((value) => Number(value.toFixed(5))),
    ),
  ),
)
put(
  'data/events.ndjson',
  lines(400, (at) => JSON.stringify({ id: at, kind: pick(words), ok: random(2) === 0, ms: random(500) })),
)
put('data/records.bin', records(900))
put('bin/tool.exe', machineCode(24_000))
put('bin/noise', Buffer.from(Array.from({ length: 3000 }, () => random(256))))
for (const path of ['book.txt', 'docs/readme.md', 'src/lamp.ts', 'data/table.csv', 'data/track.json', 'bin/tool.exe']) {
  put(join('sorts', basename(path)), readFileSync(join(tree, path)))
}
let [north, east, height] = [47.31, 8.52, 431.2]
put(
  'sorts/measures.csv',
  `time,north,east,height\n${lines(2500, (at) => {
    north += (random(200) - 80) / 1e6
    east += (random(200) - 120) / 1e6
    height += (random(21) - 10) / 100
    return `${1_790_000_000 + at * 5},${north.toFixed(6)},${east.toFixed(6)},${height.toFixed(2)}`
  })}`,
)
put('same/book again.txt', readFileSync(join(tree, 'book.txt')))
put('names/Grüße 世界 🙂.txt', 'text\n')
mkdirSync(join(tree, 'empty folder'))
chmodSync(join(tree, 'bin/tool.exe'), 0o755)
chmodSync(join(tree, 'notes.txt'), 0o600)
symlinkSync('../docs/readme.md', join(tree, 'same/link'))
linkSync(join(tree, 'notes.txt'), join(tree, 'same/notes, hard.txt'))
const when = 1_790_000_000
for (const [at, entry] of readdirSync(tree, { recursive: true, withFileTypes: true }).entries()) {
  if (!entry.isSymbolicLink()) utimesSync(join(entry.parentPath, entry.name), when, when + at)
}
utimesSync(join(tree, 'notes.txt'), when, when)

/** What is in a folder: path to kind, size, hash, permissions, time. */
function holds(root) {
  const found = {}
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const stats = lstatSync(path)
    const key = path.slice(root.length + 1)
    if (stats.isSymbolicLink()) found[key] = { target: readlinkSync(path) }
    else if (stats.isDirectory()) found[key] = { mode: stats.mode & 0o7777 }
    else {
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
      found[key] = { mode: stats.mode & 0o7777, size: stats.size, mtime: stats.mtimeMs / 1000, sha256 }
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)))
}

const run = (...parameters) => execFileSync(lmz, parameters, { stdio: ['ignore', 'ignore', 'inherit'] })
const archives = {}
const archive = (suffix) => join(here, `${name}-${suffix}.lmz`)
const isWanted = (suffix) => wanted.length === 0 || wanted.includes(suffix)

function makeOfTree() {
  for (const preset of ['fast', 'balanced', 'max'].filter(isWanted)) {
    run('create', '--preset', preset, '--comment', `golden: ${preset}`, archive(preset), tree)
    archives[preset] = { root: 'tree', holds: holds(tree) }
  }
}

/** Each alone, so that a block holds one sort of data. */
function makeOfSorts() {
  for (const path of readdirSync(join(tree, 'sorts'))) {
    const [sort] = path.split('.')
    if (!isWanted(sort)) continue
    run('create', archive(sort), join(tree, 'sorts', path))
    archives[sort] = { root: '', holds: { [path]: holds(join(tree, 'sorts'))[path] } }
  }
}

function makeChanged() {
  if (!isWanted('changed')) return
  run('create', '--preset', 'balanced', '--block-size', '64KiB', archive('changed'), tree)
  run('remove', archive('changed'), 'tree/book.txt', 'tree/bin/noise')
  rmSync(join(tree, 'bin/noise'))
  put('book.txt', 'Another book.\n')
  utimesSync(join(tree, 'book.txt'), when, when)
  run('add', archive('changed'), tree)
  archives.changed = { root: 'tree', holds: holds(tree) }
}

/** Logs are so much alike that their blocks start from a primer. */
function makePrimed() {
  if (!isWanted('primed')) return
  const logs = join(folder, 'logs')
  mkdirSync(logs)
  for (const day of [1, 2, 3, 4]) writeFileSync(join(logs, `day-${day}.log`), log(3600))
  for (const day of [1, 2, 3, 4]) utimesSync(join(logs, `day-${day}.log`), when, when)
  run('create', '--block-size', '64KiB', archive('primed'), logs)
  archives.primed = { root: 'logs', holds: holds(logs) }
}

/** One with two runs of parity, and the same with damage that readers undo. */
function makeProtected() {
  if (!isWanted('protected')) return
  run('create', '--preset', 'fast', '--protect', archive('protected'), tree)
  put('later.txt', lines(300, sentence))
  utimesSync(join(tree, 'later.txt'), when, when)
  run('add', archive('protected'), tree)
  archives.protected = { root: 'tree', holds: holds(tree) }
  const damaged = readFileSync(archive('protected'))
  for (const share of [0, 0.3, 0.9])
    damaged.fill(0x5a, Math.trunc(damaged.length * share), Math.trunc(damaged.length * share) + 600)
  writeFileSync(archive('damaged'), damaged)
  archives.damaged = archives.protected
}

try {
  makeOfTree()
  makeOfSorts()
  makeChanged()
  makePrimed()
  makeProtected()
  writeFileSync(join(here, `${name}.json`), `${JSON.stringify(archives, undefined, 1)}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
