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

import { NeuralModel } from '../../../src-main/codecs/neural/neural-model'
it('x', { timeout: 600000 }, async () => {
  const net = loadNet(file, readFileSync(folder + '/weights.bin'))
  const model = new MixModel()
  const neural = new NeuralModel(net)
  startMixKernel; loadPrior; wasm; instantiate
  const only = process.env.ONLY?.split(',')
  let [tm, tn] = [0, 0]
  let t0 = performance.now(); net.start(); for (let i = 0; i < 20000; i++) net.step((i * 7) & 127); console.log('net', ((performance.now() - t0) / 20).toFixed(2), 'us')
  { const k = (neural as any).kernelForTest; void k }
  { const { startNeuralKernel } = await import('../../../src-main/kernels/neural-kernel'); const k = startNeuralKernel(); k.clearState(); const d = readFileSync('/tmp/s-docs'); k.start(0, 4); k.startEncoding(); for (let i = 0; i < 20000; i++) k.encodeByte(d[i]!); const t1 = performance.now(); for (let i = 20000; i < 120000; i++) k.encodeByte(d[i]!); console.log('net-less neural', ((performance.now() - t1) / 100).toFixed(2), 'us')
    const m = startMixKernel(); m.clearState(); m.memory.set(d, m.bytes); m.startBlock(0, 0, 4); m.startEncoding(); m.encode(0, 20000); const t2 = performance.now(); m.encode(20000, 120000); console.log('net: mix', ((performance.now() - t2) / 100).toFixed(2), 'us'); m.finishEncoding(); const n = 0; void n
    m.clearState(); }
  for (const [name, path, contextSet, part, offset, length] of samples) {
    if (only && !only.includes(name)) continue
    const data = readFileSync(path).subarray(offset, offset + Number(process.env.LEN ?? length))
    const start = { contextSet, recordLength: 4, prior: { number: 1, part: part as 'prose' }, primer: undefined }
    const mixed = (await model.encode(data, start)).length
    let t = performance.now()
    const code = await neural.encode(data, start)
    const us = ((performance.now() - t) * 1000) / data.length
    const n = code.length
    let ok: boolean | undefined
    if (process.env.CHECK) ok = Buffer.compare(neural.decode(code, data.length, start) ?? Buffer.alloc(0), data) === 0
    tm += mixed; tn += n
    console.log(name.padEnd(6), data.length, 'mix', mixed, ((mixed * 8) / data.length).toFixed(4), 'neural', n, ((n * 8) / data.length).toFixed(4), (n / mixed).toFixed(4), us.toFixed(1), 'us', ok)
  }
  console.log('sum', tm, tn, (tn / tm).toFixed(4))
})
