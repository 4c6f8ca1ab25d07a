import { describe, expect, test, vi } from 'vitest'
import { LmzError } from '../../../src-main/contract/error'
import type { SurpriseMap } from '../../../src-main/contract/insight'
import { MeasuringPace } from '../../../src-renderer/archive/surprise/measuring-pace'
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

  /** Answers when it is told to, and rejects what is broken off. */
  function askedSlowly() {
    const asked: number[] = []
    let settle: ((isDone: boolean) => void) | undefined
    const ask: AskSurprise = (offset, length) =>
      new Promise((resolve, reject) => {
        asked.push(offset)
        settle = (isDone) => (isDone ? resolve(answer(offset, length)) : reject(new LmzError('Cancelled', 'Stopped')))
      })
    return { asked, ask, answer: () => settle?.(true), breakOff: () => settle?.(false) }
  }

  test('can be stopped: what is known stays, and nothing is measured until it may go on', async () => {
    const engine = askedSlowly()
    const bits = new SurpriseBits(300, engine.ask, engine.breakOff)
    bits.want(0, 200)
    engine.answer()
    await settled()
    expect(bits.isMeasuring).toBe(true)
    bits.stop()
    await settled()
    expect([bits.isMeasuring, bits.isStopped, bits.problem]).toEqual([false, true, undefined])
    bits.want(50, 250)
    await settled()
    expect(engine.asked).toEqual([0, 100])
    expect(bits.at(99)).toBe(99_000)
    bits.goOn()
    engine.answer()
    await settled()
    expect(engine.asked).toEqual([0, 100, 100, 200])
    expect(bits.at(150)).toBe(150_000)
  })

  test('what is scrolled to does not wait for a block that is out of sight', async () => {
    vi.useFakeTimers()
    const engine = askedSlowly()
    const bits = new SurpriseBits(1000, engine.ask, engine.breakOff)
    bits.blocks = Array.from({ length: 10 }, (_, block) => {
      return { block, rawBytes: 100, from: block * 100, to: (block + 1) * 100 }
    })
    bits.want(0, 50)
    expect(bits.measured).toMatchObject({ block: 0 })
    bits.want(700, 750)
    // It may be about to end, and is not given up at once.
    await vi.advanceTimersByTimeAsync(100)
    bits.want(20, 70)
    await vi.advanceTimersByTimeAsync(5000)
    expect(engine.asked).toEqual([0])
    bits.want(700, 750)
    await vi.advanceTimersByTimeAsync(5000)
    expect(engine.asked).toEqual([0, 700])
    engine.answer()
    await vi.advanceTimersByTimeAsync(1)
    vi.useRealTimers()
    expect(bits.at(720)).toBe(720_000)
    expect(bits.at(0)).toBeUndefined()
  })

  test('how long a block will take is told by those before it, of the same model', () => {
    const pace = new MeasuringPace()
    pace.note('mix', 1_000_000, 2)
    // Known already.
    pace.note('neural', 1_000_000, 0.01)
    expect(pace.secondsFor('mix', 250_000)).toBe(0.5)
    expect(pace.secondsFor('neural', 250_000)).toBeUndefined()
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
