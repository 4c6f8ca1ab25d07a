import { setImmediate as letOthersRun } from 'node:timers/promises'
import { type FloatKernel, startFloatKernel } from '../../kernels/float-kernel'
import type { Codec } from '../codec'
import { decodePlanes, encodePlanes } from './coded-planes'
import { findLayouts, type Layout } from './layout'
import { damaged, StoredReader, StoredWriter } from './stored-bytes'

/**
 * Arrays of numbers (docs/codecs.md, "float"): elements are taken apart into planes of bytes, since the exponents of floats are alike and
 * their lowest bits are noise. What a block holds is measured, for a codec sees its bytes alone.
 */
export const float: Codec = {
  number: 4,
  name: 'float',
  kinds: ['tensor'],
  async encode(raw) {
    const stored = new StoredWriter()
    for (const stretch of findLayouts(raw)) {
      await letOthersRun()
      const bytes = raw.subarray(stretch.start, stretch.end)
      encodePlanes(kernelOfThread(), bytes, stretch, stored)
    }
    return stored.finish()
  },
  decode(stored, rawLength) {
    const reader = new StoredReader(stored)
    const raw = new Uint8Array(rawLength)
    let at = 0
    while (at < rawLength) {
      const layout = layoutOf(reader.byte())
      const length = reader.number((rawLength - at) / layout.width) * layout.width
      if (length === 0) throw damaged()
      decodePlanes(kernelOfThread(), stored, reader, layout, raw.subarray(at, at + length))
      at += length
    }
    if (!reader.isAtEnd) throw damaged()
    return raw
  },
}

let kernel: FloatKernel | undefined

function kernelOfThread(): FloatKernel {
  return (kernel ??= startFloatKernel())
}

function layoutOf(form: number): Layout {
  const width = ([1, 2, 4, 8] as const)[form & 3]
  const layout = { width: width ?? 1, isReversed: (form & 4) !== 0, isTurned: (form & 8) !== 0 }
  if (form > 15 || (layout.width === 1 && form > 0)) throw damaged()
  return layout
}
