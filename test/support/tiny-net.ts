import type { NetFile, NetShape } from '../../src-main/models/net/net-file'
import { Random } from './random'

/** A net of the contract's arithmetic that has learnt nothing: every part is drawn, and large enough for values to reach their limits. */
export interface TinyNet {
  readonly file: NetFile
  readonly weights: Uint8Array
}

export const tinyShape: NetShape = {
  width: 32,
  blocks: [
    [16, 32],
    [32, 16],
  ],
  row_width: 16,
  table_bits: [16, 8],
}

/** @param extreme the size of all weights, with nothing but the largest activations */
export function tinyNet(seed: number, shape: NetShape = tinyShape, extreme?: number): TinyNet {
  const random = new Random(seed)
  const layout: NetFile['layout'] = []
  const parts: Buffer[] = []
  let offset = 0
  const put = (
    name: string,
    type: 'uint8' | 'int8' | 'float32',
    dimensions: number[],
    valueAt: (at: number) => number,
  ) => {
    const count = dimensions.reduce((product, each) => product * each, 1)
    const values = new { uint8: Uint8Array, int8: Int8Array, float32: Float32Array }[type](count)
    for (let at = 0; at < count; at++) values[at] = valueAt(at)
    // Sections begin where 64 bytes do.
    const padding = Buffer.alloc((64 - (offset % 64)) % 64)
    parts.push(padding, Buffer.from(values.buffer))
    layout.push({ name, type, shape: dimensions, offset: offset + padding.length })
    offset += padding.length + values.byteLength
  }
  const product = (name: string, inputs: number, outputs: number, exponent: number) => {
    const exponents = Array.from({ length: outputs }, () => exponent + random.below(3))
    put(
      `${name}.weight`,
      'int8',
      [inputs, outputs],
      extreme === undefined ? () => random.below(127) - 63 : (at) => (at % outputs < outputs / 2 ? extreme : -extreme),
    )
    put(`${name}.scale`, 'float32', [outputs], (at) => 2 ** (exponents[at] ?? 0))
    put(`${name}.offset`, 'float32', [outputs], (at) => (random.below(20_001) - 10_000) * 2 ** (exponents[at] ?? 0))
  }
  const { width, blocks, row_width: rowWidth, table_bits: bits } = shape
  const rows = 256 + bits.reduce((sum, each) => sum + 2 ** each, 0)
  put('table', 'uint8', [rows, rowWidth], () => (extreme === undefined ? random.below(128) : 127))
  product('entry', (1 + bits.length) * rowWidth, width, -9)
  blocks.forEach(([recurrent, squares], at) => {
    const inner = recurrent * 3 + squares
    const by = (values: readonly number[]) => (place: number) => values[Math.min(3, Math.floor(place / recurrent))] ?? 0
    product(`block${at}.inner`, width, inner, -7)
    put(`block${at}.low`, 'float32', [inner], by([at * 40, -2048, -127, 0]))
    put(`block${at}.high`, 'float32', [inner], by([255, 2047, 127, 180]))
    product(`block${at}.outer`, recurrent + squares, width, -10)
  })
  product('head', width, 256, -5)
  const weights = Buffer.concat(parts)
  return { file: { contract: 1, id: 'tiny', shape, files: {}, layout }, weights }
}
