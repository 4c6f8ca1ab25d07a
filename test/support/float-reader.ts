import { zstdDecompressSync } from 'node:zlib'
import { readModelledPart } from './float-model-reader'

/** Reads a float block, after docs/codecs.md alone: bit by bit and slowly, sharing nothing with the codec. */
export function readFloatBlock(stored: Uint8Array, rawLength: number): Buffer {
  let at = 0
  const byte = (): number => stored[at++] ?? 0
  const number = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const next = byte()
      value += (next & 127) * shift
      if (next < 128) return value
    }
  }
  const plane = (elements: number): number[] => {
    const mode = byte()
    if (mode === 0) return Array.from({ length: elements }, byte)
    if (mode === 1) return new Array<number>(elements).fill(byte())
    if (mode === 3) {
      const length = number()
      at += length
      return [...zstdDecompressSync(stored.subarray(at - length, at))]
    }
    const slots: { symbol: number; share: number; first: number }[] = []
    const first = byte()
    const last = byte()
    for (let symbol = first; symbol <= last; symbol++) {
      const share = number()
      const start = slots.length
      for (let i = 0; i < share; i++) slots.push({ symbol, share, first: start })
      if (share === 0) symbol += number()
    }
    const end = number() + at
    const states = Array.from({ length: 8 }, () => byte() + byte() * 2 ** 8 + byte() * 2 ** 16 + byte() * 2 ** 24)
    const bytes: number[] = []
    for (let i = 0; i < elements; i++) {
      const state = states[i % 8] ?? 0
      const slot = state % 4096
      const { symbol, share, first: start } = slots[slot] ?? { symbol: 0, share: 0, first: 0 }
      bytes.push(symbol)
      let next = share * Math.floor(state / 4096) + slot - start
      if (next < 2 ** 16) next = next * 2 ** 16 + byte() + byte() * 256
      states[i % 8] = next
    }
    if (at !== end || states.some((state) => state !== 2 ** 16))
      throw new Error('The code does not end where it should.')
    return bytes
  }

  const modelled = (width: number, elements: number): number[][] => {
    const row = number()
    const bits = byte()
    const hasSign = byte() === 1
    const present = Array.from({ length: 32 }, byte)
    const values = Array.from({ length: 256 }, (_none, value) => value).filter(
      (value) => (((present[value >> 3] ?? 0) >> (value & 7)) & 1) === 1,
    )
    const length = number()
    const code = stored.subarray(at, at + length)
    at += length
    const planes = Array.from({ length: width }, (_none, k) => {
      const shift = hasSign && k === width - 1 ? 1 : 0
      const rest = 8 - shift - Math.min(8 - shift, Math.max(0, bits - 8 * k))
      let [held, some] = [0, 0]
      return Uint8Array.from({ length: elements }, () => {
        while (some < rest) {
          held |= byte() << some
          some += 8
        }
        const low = held & ((1 << rest) - 1)
        held >>= rest
        some -= rest
        return low << shift
      })
    })
    readModelledPart({ width, elements, row, bits, hasSign, values, code, planes })
    return planes.map((one) => [...one])
  }

  const raw: number[] = []
  while (raw.length < rawLength) {
    const form = byte()
    const width = 2 ** (form & 3)
    const elements = number()
    const planes = (form & 16) !== 0 ? modelled(width, elements) : Array.from({ length: width }, () => plane(elements))
    for (let element = 0; element < elements; element++) {
      let bits = planes.reduce((sum, one) => (sum << 8n) | BigInt(one[element] ?? 0), 0n)
      if ((form & 8) !== 0) bits = (bits >> 1n) | ((bits & 1n) << BigInt(8 * width - 1))
      const bytes = Array.from({ length: width }, (_none, k) => Number((bits >> BigInt(8 * k)) & 255n))
      raw.push(...((form & 4) !== 0 ? bytes.reverse() : bytes))
    }
  }
  if (at !== stored.length) throw new Error('Bytes are left over.')
  return Buffer.from(raw)
}
