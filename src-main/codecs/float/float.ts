import { setImmediate as letOthersRun } from 'node:timers/promises'
import { type FloatKernel, startFloatKernel } from '../../kernels/float-kernel'
import type { Codec } from '../codec'
import { mix } from '../mix/mix'
import { zstd } from '../zstd/zstd'
import { decodePlanes, encodePlanes } from './coded-planes'
import { type Block, findLayouts, type Layout } from './layout'
import { decodeModelled, encodeModelled, isModelled } from './modelled'
import { damaged, StoredReader } from './stored-bytes'

/** An effort of float: a model that mixes contexts, at a twentieth of the speed. */
export const thorough = 1

/** zstd's levels for numbers that come again: from 5 on it finds rows that come again. */
const quickSearch = 6
const thoroughSearch = 19

/**
 * Arrays of numbers (docs/codecs.md, "float"): elements are taken apart into planes of bytes, since the exponents of floats are alike and
 * their lowest bits are noise. What a block holds is measured, for a codec sees its bytes alone.
 */
export const float: Codec = {
  number: 4,
  name: 'float',
  kinds: ['tensor'],
  doubts: [zstd, mix],
  // Of a float of 64 bits only one byte can be predicted.
  seesThroughNoise: true,
  async encode(raw, _context, effort) {
    const kernel = idle.pop() ?? startFloatKernel()
    try {
      const block = roomFor(kernel, raw.length)
      kernel.memory().set(raw, block.raw)
      const stored: Uint8Array[] = []
      for (const stretch of findLayouts(block)) {
        const modelled = effort >= thorough ? await encodeModelled(block, stretch) : undefined
        const planes = await encodePlanes(block, stretch, effort >= thorough ? thoroughSearch : quickSearch)
        stored.push(modelled !== undefined && modelled.length < planes.length ? modelled : planes)
        await letOthersRun()
      }
      const [only] = stored
      return only !== undefined && stored.length === 1 ? only : Buffer.concat(stored)
    } finally {
      idle.push(kernel)
    }
  },
  // Of several parts, the others are mostly as the first one.
  isQuick: (stored) => ((stored[0] ?? 0) & isModelled) === 0,
  decode(stored, rawLength) {
    const kernel = idle.pop() ?? startFloatKernel()
    try {
      const reader = new StoredReader(stored)
      const block = roomFor(kernel, rawLength)
      let at = 0
      while (at < rawLength) {
        const form = reader.byte()
        const layout = layoutOf(form & ~isModelled)
        const elements = reader.number((rawLength - at) / layout.width)
        if (elements === 0) throw damaged()
        const decodePart = (form & isModelled) === 0 ? decodePlanes : decodeModelled
        decodePart(block, stored, reader, { start: at, elements, layout })
        at += elements * layout.width
      }
      if (!reader.isAtEnd) throw damaged()
      return kernel.memory().slice(block.raw, block.raw + rawLength)
    } finally {
      idle.push(kernel)
    }
  },
}

/** Kernels of this thread that nothing uses now: one, unless a block is decoded while another's encoding lets others run. */
const idle: FloatKernel[] = []

function roomFor(kernel: FloatKernel, length: number): Block {
  kernel.reserve(kernel.free + length + 64)
  return { kernel, raw: kernel.free, length }
}

function layoutOf(form: number): Layout {
  const width = ([1, 2, 4, 8] as const)[form & 3] ?? 1
  if (form > 15 || (width === 1 && form > 0)) throw damaged()
  return { width, isReversed: (form & 4) !== 0, isTurned: (form & 8) !== 0 }
}
