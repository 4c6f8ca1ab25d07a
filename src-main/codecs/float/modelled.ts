import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { FloatKernel } from '../../kernels/float-kernel'
import { formOf, type Places, placesOf } from './coded-planes'
import type { Block, Layout, Stretch } from './layout'
import { likelyRows, shortestRow } from './row-length'
import { damaged, type StoredReader, StoredWriter } from './stored-bytes'

/** Fewer elements are not modelled: to clear the model's tables for each part would take longer than to decode it. */
export const fewestModelled = 4096
/** Set in the byte that says how a part is laid out. */
export const isModelled = 16

/** Elements of a trial. */
const trialLength = 8192
/** A bit that costs more than this is noise, and left as it is. */
const noise = 0.985
/** About 30 ms of coding. */
const sliceLength = 8192

/** What a decoder must know of a modelled part. */
interface ModelledForm {
  /** Elements of a row, 0 for none. */
  readonly row: number
  /** Bits of an element that are modelled, from the highest on: 8 at least. */
  readonly bits: number
  /** Whether the lowest bit is a sign that is modelled. */
  readonly hasSign: boolean
  /** What values the highest byte has, ascending. */
  readonly values: readonly number[]
}

/** Codes a stretch with the thorough model. @returns undefined where it is too short, or the code longer than what it stands for */
export async function encodeModelled(block: Block, stretch: Stretch): Promise<Uint8Array | undefined> {
  const { kernel } = block
  const { width, start, end } = stretch
  const elements = (end - start) / width
  if (elements < fewestModelled) return undefined
  const places = placesOf(block, elements, width, start)
  kernel.setPlanes(places.planes)
  if (width > 1) kernel.split(block.raw + start, elements, width, stretch.isReversed, stretch.isTurned ? 1 : 0)
  kernel.count(places.planes[0] ?? 0, elements)
  const values = [...kernel.counted().entries()].filter(([, count]) => count > 0).map(([value]) => value)
  kernel.setRanks(values)
  const form = await chooseForm(kernel, places, stretch, values)
  startModel(kernel, form, { width, first: 0, elements })
  kernel.startCoder(places.code, places.code + elements * width)
  for (let at = 0; at < elements; at += sliceLength) {
    if (at > 0) await letOthersRun()
    kernel.codeElements(at, Math.min(elements, at + sliceLength), false)
  }
  const codeLength = kernel.finishCode()
  if (codeLength > elements * width) return undefined
  const stored = new StoredWriter()
  stored.byte(formOf(stretch) | isModelled)
  stored.number(elements)
  writeForm(stored, form)
  stored.number(codeLength)
  stored.bytes(kernel.memory().slice(places.code, places.code + codeLength))
  for (const { plane, shift, bits } of restsOf(form, places, width)) {
    const length = kernel.pack(plane, elements, shift, bits, places.code)
    stored.bytes(kernel.memory().slice(places.code, places.code + length))
  }
  return stored.finish()
}

/** Tries on a stretch's middle which rows it has, and which of its bits are noise. */
async function chooseForm(
  kernel: FloatKernel,
  places: Places,
  { width, start, end, isTurned }: Stretch,
  values: readonly number[],
): Promise<ModelledForm> {
  const elements = (end - start) / width
  const tryForm = async (form: ModelledForm): Promise<Float64Array> => {
    await letOthersRun()
    const length = Math.min(elements, Math.max(trialLength, 3 * form.row))
    const from = Math.floor((elements - length) / 2)
    startModel(kernel, form, { width, first: from, elements: length })
    kernel.startCoder(places.code, places.code)
    kernel.codeElements(from, from + length, false)
    return kernel.modelledBits().map((bits) => bits / length)
  }
  const whole: ModelledForm = { row: 0, bits: 8 * width, hasSign: isTurned, values }
  const costs = await tryForm(whole)
  const hasSign = isTurned && (costs[64] ?? 1) < noise
  const bits = worthwhileBits(costs.subarray(0, isTurned ? 8 * width - 1 : 8 * width))
  let best = { ...whole, hasSign, bits }
  const total = (all: Float64Array): number => all.reduce((sum, one, at) => sum + (at < bits || at === 64 ? one : 0), 0)
  let least = Infinity
  for (const row of [0, ...likelyRows(kernel, places.planes[0] ?? 0, elements, places.code)]) {
    const form = { ...whole, hasSign, bits, row }
    const found = total(await tryForm(form))
    if (found >= least - (row > 0 ? 0.01 : 0)) continue
    least = found
    best = form
  }
  return best
}

/** How many bits to model, 8 at least: so many that as much as possible is saved, each bit paying for its time. */
function worthwhileBits(costs: Float64Array): number {
  let bits = 8
  let saved = 0
  let most = 0
  for (let bit = 8; bit < costs.length; bit++) {
    saved += noise - (costs[bit] ?? 1)
    if (saved <= most) continue
    most = saved
    bits = bit + 1
  }
  return bits
}

function startModel(kernel: FloatKernel, form: ModelledForm, { width, first, elements }: Run): void {
  const { bits, hasSign, row, values } = form
  kernel.startModel(width, bits, hasSign, bitsToCount(values.length), row, first, lineBitsFor(bits, elements))
}

interface Run {
  readonly width: number
  readonly first: number
  readonly elements: number
}

/** Exponents alone have few contexts; what is modelled deeper gets a line for each nibble of each element, if there is room. */
function lineBitsFor(bits: number, elements: number): number {
  const shallow = 14
  const deep = 17
  return bits <= 16 ? shallow : Math.min(deep, bitsToCount((elements * bits) >> 2))
}

/** Bits that tell so many things apart; in whole numbers, for a decoder must come to the same. */
function bitsToCount(things: number): number {
  return things <= 1 ? 0 : 32 - Math.clz32(things - 1)
}

interface Rest {
  readonly plane: number
  readonly shift: number
  readonly bits: number
}

/** What is not modelled: the low bits of planes, but for the sign. */
function restsOf({ bits, hasSign }: ModelledForm, { planes }: Places, width: number): readonly Rest[] {
  return planes.flatMap((plane, at) => {
    const shift = hasSign && at === width - 1 ? 1 : 0
    const rest = Math.min(8 - shift, Math.max(0, 8 * (at + 1) - shift - Math.max(bits, 8 * at)))
    return rest === 0 ? [] : [{ plane, shift, bits: rest }]
  })
}

function writeForm(stored: StoredWriter, { row, bits, hasSign, values }: ModelledForm): void {
  stored.number(row)
  stored.byte(bits)
  stored.byte(hasSign ? 1 : 0)
  const present = new Uint8Array(32)
  for (const value of values) present[value >> 3] = (present[value >> 3] ?? 0) | (1 << (value & 7))
  stored.bytes(present)
}

function readForm(
  stored: Uint8Array,
  reader: StoredReader,
  { width, isTurned }: Layout,
  mostColumns: number,
): ModelledForm {
  const row = reader.number(mostColumns)
  const bits = reader.byte()
  const sign = reader.byte()
  const present = stored.subarray(reader.skip(32))
  const values = Array.from({ length: 256 }, (_none, value) => value).filter(
    (value) => (((present[value >> 3] ?? 0) >> (value & 7)) & 1) === 1,
  )
  if (
    bits < 8 ||
    bits > 8 * width ||
    sign > (isTurned ? 1 : 0) ||
    values.length === 0 ||
    (row > 0 && row < shortestRow)
  )
    throw damaged()
  return { row, bits, hasSign: sign === 1, values }
}

/** Decodes a modelled part into the kernel's memory. */
export function decodeModelled(
  block: Block,
  stored: Uint8Array,
  reader: StoredReader,
  { start, elements, layout }: { readonly start: number; readonly elements: number; readonly layout: Layout },
): void {
  const { kernel } = block
  const { width } = layout
  if (elements < fewestModelled) throw damaged()
  const form = readForm(stored, reader, layout, kernel.mostColumns)
  const places = placesOf(block, elements, width, start)
  kernel.setPlanes(places.planes)
  kernel.setRanks(form.values)
  const codeLength = reader.number(elements * width)
  const code = reader.skip(codeLength)
  for (const { plane, shift, bits } of restsOf(form, places, width)) {
    const length = Math.ceil((elements * bits) / 8)
    const from = reader.skip(length)
    kernel.memory().set(stored.subarray(from, from + length), places.code)
    kernel.unpack(places.code, elements, shift, bits, plane)
  }
  kernel.memory().set(stored.subarray(code, code + codeLength), places.code)
  startModel(kernel, form, { width, first: 0, elements })
  kernel.startDecoder(places.code, codeLength)
  kernel.codeElements(0, elements, true)
  if (kernel.isConsumed() === 0) throw damaged()
  if (width > 1) kernel.merge(block.raw + start, elements, width, layout.isReversed, layout.isTurned ? 1 : 0)
}
