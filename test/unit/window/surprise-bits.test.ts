import { describe, expect, test } from 'vitest'
import { LmzError } from '../../../src-main/contract/error'
import type { SurpriseMap } from '../../../src-main/contract/insight'
import { type AskSurprise, SurpriseBits } from '../../../src-renderer/archive/surprise/surprise-bits.svelte'

const block = { block: 1, kind: 'text', codec: 'mix', rawBytes: 100, storedBytes: 20 } as const

/** Bytes cost their offset in bits; blocks end every hundred bytes. */
function answer(offset: number, length: number): SurpriseMap {
  const end = Math.min(offset + length, (Math.floor(offset / 100) + 1) * 100)
  const milliBits = Uint32Array.from({ length: end - offset }, (_, at) => (offset + at) * 1000)
  return { offset, bytes: new Uint8Array(end - offset), milliBits, model: 'mix', block, basis: 'stored', blockBits: 1 }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

describe('what bytes cost', () => {
  test('is asked for from block to block, once, and sums up over what is in sight', async () => {
    const asked: number[] = []
    const bits = new SurpriseBits(250, (offset, length) => {
      asked.push(offset)
      return Promise.resolve(answer(offset, length))
    })
    bits.want(90, 250)
    await settled()
    expect(asked).toEqual([90, 100, 200])
    bits.want(95, 210)
    await settled()
    expect(asked).toEqual([90, 100, 200])
    expect(bits.at(120)).toBe(120_000)
    expect(bits.at(80)).toBeUndefined()
    expect(bits.sum(98, 102)).toEqual({ bytes: 4, bits: 98 + 99 + 100 + 101 })
  })

  test('only the newest wish counts: what was scrolled past is not asked for', async () => {
    const asked: number[] = []
    let release: (() => void) | undefined
    const slowly: AskSurprise = async (offset, length) => {
      asked.push(offset)
      await new Promise<void>((resolve) => (release = resolve))
      return answer(offset, length)
    }
    const bits = new SurpriseBits(1000, slowly)
    bits.want(0, 50)
    bits.want(300, 350)
    bits.want(700, 750)
    for (let turn = 0; turn < 3; turn++) {
      release?.()
      await settled()
    }
    expect(asked).toEqual([0, 700])
  })

  test('words that came as bytes are words again, wherever they lay', async () => {
    const bits = new SurpriseBits(100, (offset, length) => {
      const map = answer(offset, length)
      const apart = new Uint8Array(map.milliBits.byteLength + 1)
      apart.set(new Uint8Array(map.milliBits.buffer), 1)
      return Promise.resolve({ ...map, milliBits: apart.subarray(1) as unknown as Uint32Array })
    })
    bits.want(0, 100)
    await settled()
    expect(bits.at(99)).toBe(99_000)
  })

  test('a question that was broken off is asked again; one that failed is told, and not repeated without end', async () => {
    const errors = [new LmzError('Cancelled', 'Stopped'), new LmzError('Corrupt', 'A block is damaged')]
    let asked = 0
    const bits = new SurpriseBits(100, () => Promise.reject(errors[asked++] ?? new Error('asked too often')))
    bits.want(0, 100)
    await settled()
    bits.want(0, 100)
    await settled()
    expect(asked).toBe(2)
    expect(bits.problem).toBe(errors[1])
  })
})
