import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { it } from 'vitest'
import { wasm } from '../../../src-main/kernels/generated/neural'
import { instantiate } from '../../../src-main/kernels/instantiate'
import { startMixKernel } from '../../../src-main/kernels/mix-kernel'
import { loadNet } from '../../../src-main/models/net/load-net'
import { loadPrior } from '../../../src-main/models/prior'
import { netFileSchema } from '../../../src-main/models/net/net-file'
import { MixModel } from '../../../src-main/codecs/mix/mix-model'

const folder = process.env['LMZ_NET'] ?? '/tmp/nx/nx'
const file = v.parse(netFileSchema, JSON.parse(readFileSync(folder + '/model.json', 'utf8')))
const dev = '/work/shared/corpus/dev/'
const K = 1024
const samples: [string, string, number, string, number, number][] = [
  // name, path, context set, part, offset, length
  ['book', process.env.BOOK!, 0, 'prose', 200 * K, 128 * K],
  ['code', process.env.CODE!, 1, 'code', 0, 128 * K],
  ['docs', process.env.DOCS!, 0, 'docs', 0, 128 * K],
  ['json', process.env.JSONF!, 1, 'structured', 0, 128 * K],
  ['csv', process.env.CSV!, 1, 'structured', 0, 128 * K],
  ['log', process.env.LOG!, 1, 'structured', 0, 128 * K],
]
it('x', { timeout: 600000 }, async () => {
  const net = loadNet(file, readFileSync(folder + '/weights.bin'))
  const nm = net.memory()
  const e = instantiate(wasm) as any
  e.reserve(20)
  const memory = new Uint8Array(e.memory.buffer)
  const bench = startMixKernel()
  const model = new MixModel()
  const only = process.env.ONLY?.split(',')
  let [tm, tn] = [0, 0]
  for (const [name, path, contextSet, part, offset, length] of samples) {
    if (only && !only.includes(name)) continue
    const data = readFileSync(path).subarray(offset, offset + length)
    const prior = loadPrior({ number: 1, part: part as 'prose' }, bench)
    const mixed = (await model.encode(data, { contextSet, recordLength: 4, prior: { number: 1, part: part as 'prose' }, primer: undefined })).length
    const lines = 2 ** 20
    const tableEnd = e.table.value + lines * 64
    const restore = () => {
      const slots = prior.table.subarray(lines)
      memory.set(prior.table.subarray(0, lines), e.bytes.value)
      memory.set(slots, tableEnd - slots.length)
      e.unpackTable(e.bytes.value, tableEnd - slots.length)
      memory.set(prior.small, e.state.value)
    }
    restore()
    const at = e.logits()
    let t = performance.now()
    e.start(contextSet, 4)
    e.startEncoding()
    net.start()
    let bits = 0
    const take = () => memory.set(nm.subarray(net.logits, net.logits + 512), at)
    take()
    for (let i = 0; i < data.length; i++) {
      const l = new Int16Array(nm.buffer, net.logits, 256)
      let sum = 0
      if (i % 16 === 0) { for (let j = 0; j < 256; j++) sum += 2 ** (l[j]! / 64); bits += Math.log2(sum) - l[data[i]!]! / 64 }
      e.encodeByte(data[i])
      net.step(data[i]!)
      take()
    }
    const n = e.finishEncoding()
    const us = ((performance.now() - t) * 1000) / data.length
    let ok = true
    if (process.env.CHECK) {
      restore(); e.start(contextSet, 4); e.startDecoding(n); net.start(); take()
      for (let i = 0; i < data.length; i++) { const b = e.decodeByte(); if (b !== data[i]) { ok = false; break } net.step(b); take() }
    }
    tm += mixed; tn += n
    console.log(name.padEnd(6), data.length, 'mix', mixed, ((mixed * 8) / data.length).toFixed(4), 'net', (bits / (data.length / 16)).toFixed(4), 'neural', n, ((n * 8) / data.length).toFixed(4), (n / mixed).toFixed(4), us.toFixed(1), 'us', ok)
  }
  console.log('sum', tm, tn, (tn / tm).toFixed(4))
})
