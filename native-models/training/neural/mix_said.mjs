/**
 * node mix_said.mjs <corpus folder> <output folder>: has mix read the training text of each kind, and writes what it said of each bit before it came:
 * <kind>.i8, 8 bytes a byte of text, the logit of a one in sixteenths. Two kinds at a time, a second a megabyte; 2.3 GB for the whole corpus.
 *
 * Mix reads a kind from end to end and never starts anew, so that all but the first megabytes find it as trained as its priors are; those
 * have seen this very text and would promise too much.
 */
import console from 'node:console'
import { closeSync, createReadStream, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { URL } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { createZstdDecompress } from 'node:zlib'
import { compileKernel } from '../../../build/kernels.mjs'

/** By kind: the number of mix's set of contexts. */
const contextSets = {
  en_docs: 0,
  en_books: 0,
  code: 1,
  other_languages: 0,
  xml_html: 1,
  json: 1,
  csv: 1,
  logs: 1,
  latex: 0,
  yaml_config: 1,
}
const blockLength = 12 << 20
const sliceLength = 1 << 20
const sixteenths = Int8Array.from({ length: 65_536 }, (_none, p) => {
  const odds = Math.max(1, p) / (65_536 - Math.max(1, p))
  return Math.max(-127, Math.min(127, Math.round(Math.log(odds) * 16)))
})

if (isMainThread) {
  const [corpus, output] = process.argv.slice(2)
  if (output === undefined) throw new Error('Say where the corpus is, and where to write.')
  mkdirSync(output, { recursive: true })
  const wasm = await compileKernel('_said.ts')
  const waiting = Object.keys(contextSets).values()
  const next = async () => {
    for (const kind of waiting) console.log(kind, await inThread({ corpus, output, kind, wasm }), 'bits a byte')
  }
  await Promise.all([next(), next()])
} else parentPort.postMessage(await listen(workerData))

function inThread(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: data })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** @returns what mix alone takes, in bits a byte */
async function listen({ corpus, output, kind, wasm }) {
  const text = await readText(join(corpus, 'train', `${kind}.txt.zst`))
  const { instance } = await WebAssembly.instantiate(wasm, {})
  const kernel = instance.exports
  kernel.reserve(20, 0)
  const said = kernel.allocate((sliceLength * 16) >> 16)
  kernel.clearState()
  const path = join(output, `${kind}.i8`)
  const file = openSync(`${path}.partial`, 'w')
  let bits = 0
  for (let start = 0; start < text.length; start += blockLength) {
    const block = text.subarray(start, start + blockLength)
    new Uint8Array(kernel.memory.buffer).set(block, kernel.bytes.value)
    kernel.startBlock(contextSets[kind], 0, 4)
    for (let at = 0; at < block.length; at += sliceLength) {
      const slice = block.subarray(at, at + sliceLength)
      kernel.listen(at, at + slice.length, said)
      const probabilities = new Uint16Array(kernel.memory.buffer, said, slice.length * 8)
      const logits = Int8Array.from(probabilities, (p) => sixteenths[p])
      bits += costOf(slice, probabilities)
      writeSync(file, logits)
    }
  }
  closeSync(file)
  renameSync(`${path}.partial`, path)
  return (bits / text.length).toFixed(3)
}

function costOf(bytes, probabilities) {
  let bits = 0
  for (let at = 0; at < probabilities.length; at++) {
    const p = Math.max(1, probabilities[at]) / 65_536
    const bit = (bytes[at >> 3] >> (7 - (at & 7))) & 1
    bits -= Math.log2(bit === 1 ? p : 1 - p)
  }
  return bits
}

async function readText(path) {
  const pieces = []
  await pipeline(createReadStream(path), createZstdDecompress(), async (source) => {
    for await (const piece of source) pieces.push(piece)
  })
  return Buffer.concat(pieces)
}
