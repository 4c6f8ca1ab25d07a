import { describe, expect, it } from 'vitest'
import { loadNet } from '../../../src-main/models/net/load-net'
import { NetReference } from '../../support/net-reference'
import { Random } from '../../support/random'
import { tinyNet, tinyShape } from '../../support/tiny-net'

describe('the net', () => {
  it.each([1, 2, 3])(
    'computes what plain numbers do, to the bit: nobody else could open an archive (net %i)',
    (seed) => {
      const { file, weights } = tinyNet(seed)
      const kernel = loadNet(file, weights)
      const reference = new NetReference(file, weights)
      const text = new Random(seed).text(300)
      kernel.start()
      const reached = { limits: 0, others: 0 }
      for (const byte of text) {
        const logits = new Int16Array(kernel.memory().buffer, kernel.logits, 256)
        const expected = reference.step()
        expect(Array.from(logits)).toEqual(expected)
        for (const logit of expected) reached[logit === -2048 || logit === 2047 ? 'limits' : 'others']++
        reference.take(byte)
        kernel.step(byte)
      }
      expect(reached.limits, 'limits are reached').toBeGreaterThan(300)
      expect(reached.others, 'and not always').toBeGreaterThan(300)
    },
  )

  it.each([
    ['four at a time', 63],
    ['four at a time, which eight would just not fit', 33],
    ['eight at a time', 32],
  ])('adds up the largest products there may be, %s: in 16 bits, sums of more would be cut off', (_how, weight) => {
    const { file, weights } = tinyNet(5, { ...tinyShape, width: 64 }, weight)
    const kernel = loadNet(file, weights)
    kernel.start()
    expect(Array.from(new Int16Array(kernel.memory().buffer, kernel.logits, 256))).toEqual(
      new NetReference(file, weights).step(),
    )
  })

  it('says the same of bytes that it reads at once: who decodes has to read them one by one', () => {
    const { file, weights } = tinyNet(6)
    const kernel = loadNet(file, weights)
    const { buffer } = kernel.memory()
    const text = new Random(6).text(200)
    const alone: number[][] = []
    kernel.start()
    for (const byte of text) {
      kernel.step(byte)
      alone.push([...new Int16Array(buffer, kernel.logits, 256)])
    }
    for (let most = 1; most <= kernel.mostSteps; most++) {
      const together: number[][] = []
      kernel.start()
      for (let at = 0; at < text.length; at += most) {
        const bytes = text.subarray(at, at + most)
        new Uint8Array(buffer, kernel.bytes).set(bytes)
        kernel.read(bytes.length)
        for (let i = 0; i < bytes.length; i++) together.push([...new Int16Array(buffer, kernel.logits + i * 512, 256)])
      }
      expect(together).toEqual(alone)
    }
  })

  it('starts anew as if nothing had been before: a block would need the one before it', () => {
    const { file, weights } = tinyNet(4)
    const kernel = loadNet(file, weights)
    const logits = () => Buffer.from(kernel.memory().slice(kernel.logits, kernel.logits + 512)).toString('hex')
    const told: string[][] = []
    for (const before of ['', 'something else']) {
      kernel.start()
      for (const byte of Buffer.from(before)) kernel.step(byte)
      kernel.start()
      const told1 = [logits()]
      for (const byte of Buffer.from('the same text')) {
        kernel.step(byte)
        told1.push(logits())
      }
      told.push(told1)
    }
    expect(told[0]).toEqual(told[1])
    expect(new Set(told[0]).size).toBeGreaterThan(10)
  })

  it('is refused where its kernel has no room or no part for it', () => {
    for (const width of [0, 24, 2048]) {
      const { file, weights } = tinyNet(1, { ...tinyShape, width })
      expect(() => loadNet(file, weights)).toThrow(/shape/)
    }
    const { file, weights } = tinyNet(1)
    const without = { ...file, layout: file.layout.filter(({ name }) => name !== 'block1.high') }
    expect(() => loadNet(without, weights)).toThrow(/block1.high/)
    expect(() => loadNet(file, weights.subarray(0, -1))).toThrow(/cut off/)
  })
})
