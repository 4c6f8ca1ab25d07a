/**
 * node test/format/golden/make-tensors.mjs <name>: makes golden archives of weights and other numbers, <name>-fast.lmz and <name>-balanced.lmz, and says in
 * <name>.json what they hold. Both have two checkpoints, the second added to the first. Made once and never again, as the others; to
 * be run when out/ is built.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

const [name] = process.argv.slice(2)
if (name === undefined) throw new Error('Say which name the archives get, such as tensors-1.')
const here = import.meta.dirname
const lmz = resolve(here, '../../../out/lmz')
if (existsSync(join(here, `${name}.json`))) throw new Error(`${name} has been made already, and is never made again.`)

let state = 11
const share = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
/** Normally distributed (Box and Muller 1958). */
const normal = () => Math.sqrt(-2 * Math.log(share() + 1e-12)) * Math.cos(2 * Math.PI * share())
const weights = (count, scale) => Float32Array.from({ length: count }, () => scale * normal())
const moved = (values, step) => values.map((value) => value + step * normal())

const bytesOf = {
  F32: (values) => Buffer.from(Float32Array.from(values).buffer),
  F64: (values) => Buffer.from(Float64Array.from(values).buffer),
  BF16: (values) => {
    const halves = Buffer.alloc(2 * values.length)
    const whole = new Uint32Array(Float32Array.from(values).buffer)
    whole.forEach((bits, at) => halves.writeUInt16LE(((bits + 0x7fff + ((bits >> 16) & 1)) >>> 16) & 0xffff, 2 * at))
    return halves
  },
}

function safetensors(tensors) {
  const header = {}
  const parts = []
  let end = 0
  for (const [key, { type, shape, values }] of Object.entries(tensors)) {
    const bytes = bytesOf[type](values)
    header[key] = { dtype: type, shape, data_offsets: [end, (end += bytes.length)] }
    parts.push(bytes)
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, ...parts])
}

function npy(shape, values) {
  const head = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`
  const text = `${head.padEnd(117)}\n`
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(text), bytesOf.F64(values)])
}

const layers = {
  'embedding.weight': { type: 'BF16', shape: [160, 256], values: weights(160 * 256, 0.02) },
  'output.weight': { type: 'F32', shape: [96, 192], values: weights(96 * 192, 0.05) },
  'output.bias': { type: 'F32', shape: [96], values: weights(96, 0.01) },
}
const later = Object.fromEntries(
  Object.entries(layers).map(([key, layer]) => [key, { ...layer, values: moved(layer.values, 2e-4) }]),
)
const steps = Array.from({ length: 3000 }, (_none, at) => Math.round(1000 * Math.sin(at / 40)) / 8)
/** Twelve rows four times, in no order: their planes are left to zstd. */
const rows = Float64Array.from({ length: 12 * 250 }, normal)
const again = Array.from(
  { length: 48 * 250 },
  (_none, at) => rows[((Math.floor(at / 250) * 7) % 12) * 250 + (at % 250)],
)
const first = {
  'step-100.safetensors': safetensors(layers),
  'signal.npy': npy([60, 50], steps),
  'transform.npy': npy([48, 250], again),
}
const second = { 'step-200.safetensors': safetensors(later) }

const folder = mkdtempSync(join(tmpdir(), 'lmz-golden-'))
const made = {}
try {
  const tree = join(folder, 'weights')
  for (const preset of ['fast', 'balanced']) {
    rmSync(tree, { recursive: true, force: true })
    mkdirSync(tree)
    const holds = {}
    const write = (files) => {
      for (const [file, bytes] of Object.entries(files)) {
        writeFileSync(join(tree, file), bytes)
        chmodSync(join(tree, file), 0o640)
        utimesSync(join(tree, file), 1_700_000_000, 1_700_000_000)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        holds[file] = { mode: 0o640, size: bytes.length, mtime: 1_700_000_000, sha256 }
      }
    }
    const archive = join(here, `${name}-${preset}.lmz`)
    const run = (...parameters) => execFileSync(lmz, parameters, { cwd: folder, stdio: 'inherit' })
    write(first)
    run('create', '--preset', preset, archive, 'weights')
    write(second)
    run('add', archive, 'weights')
    made[preset] = { root: 'weights', holds }
  }
} finally {
  rmSync(folder, { recursive: true })
}
writeFileSync(join(here, `${name}.json`), `${JSON.stringify(made, null, 1)}\n`)
