import { setImmediate as letOthersRun } from 'node:timers/promises'
import { type FloatKernel, startFloatKernel } from '../../kernels/float-kernel'
import type { Codec } from '../codec'
import { decodePlanes, encodePlanes } from './coded-planes'
import { type Block, findLayouts, type Layout } from './layout'
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
    // A caller may have put another block into the same array.
    held = undefined
    for (const stretch of findLayouts(blockOf(raw))) {
      encodePlanes(blockOf(raw), stretch, stored)
      await letOthersRun()
    }
    return stored.finish()
  },
  decode(stored, rawLength) {
    const reader = new StoredReader(stored)
    const block = roomFor(rawLength)
    let at = 0
    while (at < rawLength) {
      const layout = layoutOf(reader.byte())
      const elements = reader.number((rawLength - at) / layout.width)
      if (elements === 0) throw damaged()
      decodePlanes(block, stored, reader, { start: at, elements, layout })
      at += elements * layout.width
    }
    if (!reader.isAtEnd) throw damaged()
    return block.kernel.memory().slice(block.raw, block.raw + rawLength)
  },
}

let kernel: FloatKernel | undefined
/** What lies in the kernel's memory. */
let held: Uint8Array | undefined

function roomFor(length: number): Block {
  kernel ??= startFloatKernel()
  kernel.reserve(kernel.free + length + 64)
  held = undefined
  return { kernel, raw: kernel.free, length }
}

/** The block in the kernel's memory: put there anew where another one was worked at meanwhile. */
function blockOf(raw: Uint8Array): Block {
  if (kernel !== undefined && held === raw) return { kernel, raw: kernel.free, length: raw.length }
  const block = roomFor(raw.length)
  block.kernel.memory().set(raw, block.raw)
  held = raw
  return block
}

function layoutOf(form: number): Layout {
  const width = ([1, 2, 4, 8] as const)[form & 3]
  const layout = { width: width ?? 1, isReversed: (form & 4) !== 0, isTurned: (form & 8) !== 0 }
  if (form > 15 || (layout.width === 1 && form > 0)) throw damaged()
  return layout
}
