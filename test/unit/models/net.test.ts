import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { loadNet } from '../../../src-main/models/net/load-net'
import { netFileSchema } from '../../../src-main/models/net/net-file'

it('x', () => {
  const folder = process.env['LMZ_NET'] ?? '/tmp/nt/export/tiny'
  const file = v.parse(netFileSchema, JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')))
  const tests = JSON.parse(readFileSync(join(folder, 'self-test.json'), 'utf8')) as { text: string; cases: { name: string; lanes: number; steps: number; sha256: string }[] }
  const kernel = loadNet(file, readFileSync(join(folder, 'weights.bin')))
  const memory = kernel.memory()
  const text = Buffer.from(tests.text, 'hex')
  const c = tests.cases.find(({ name }) => name === 'text')!
  const perStep: Buffer[][] = Array.from({ length: c.steps }, () => [])
  const ends: Buffer[][] = file.shape.blocks.map(() => [])
  const fields = new Uint32Array(memory.buffer, kernel.model, 200)
  for (let lane = 0; lane < c.lanes; lane++) {
    kernel.start()
    for (let s = 0; s < c.steps; s++) {
      if (s > 0) kernel.step(text[lane + s - 1]!)
      perStep[s]!.push(Buffer.from(memory.slice(kernel.logits, kernel.logits + 512)))
    }
    file.shape.blocks.forEach(([r], i) => {
      const states = new Int32Array(memory.slice(fields[19 + i * 11 + 2]!, fields[19 + i * 11 + 2]! + r * 4).buffer)
      ends[i]!.push(Buffer.from(Int16Array.from(states).buffer))
    })
  }
  const hash = createHash('sha256')
  for (const b of perStep.flat()) hash.update(b)
  for (const b of ends.flat()) hash.update(b)
  expect(hash.digest('hex')).toBe(c.sha256)
  const t = performance.now()
  const n = 20000
  for (let i = 0; i < n; i++) kernel.step(text[i % text.length]!)
  console.log(((performance.now() - t) / n) * 1000, 'us a byte')
})
