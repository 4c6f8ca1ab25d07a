import type { FloatKernel } from '../../kernels/float-kernel'
import type { Block, Layout, Stretch } from './layout'
import { decodeZstd, zstd } from '../zstd/zstd'
import { entropyBits, overhead, sharesOf } from './shares'
import { damaged, type StoredReader, StoredWriter } from './stored-bytes'

const plainContext = { kind: 'tensor' } as const

/** How a plane is stored. */
const asItIs = 0
const oneByte = 1
const coded = 2
const matched = 3

/** A plane that codes to more than this share of itself is left as it is: to take it apart costs as much as one that pays. */
const worthwhile = 0.985

/** Of 1,024 runs of eight bytes so many must come again for numbers to be taken for computed ones. */
const fewRepeats = 16
const allRepeat = 1000

/** Elements that are looked at together, to see whether their exponents are spread as those before. */
const cellElements = 8192

/**
 * Codes a stretch plane by plane, each byte by how often it comes. Where the spread of the highest bytes changes, as from one tensor to the
 * next, a new part with tables of its own begins. Numbers that come again whole are left to zstd, plane by plane, where it does better.
 * @param level zstd's
 */
export async function encodePlanes(block: Block, stretch: Stretch, level: number): Promise<Uint8Array> {
  const planes = split(block, stretch)
  if (!doNumbersRepeat(block.kernel, planes)) {
    return encodeParts(block.kernel, stretch, planes, partsOf(block.kernel, planes))
  }
  const found = await encodeParts(block.kernel, stretch, planes, wholeOf(planes), level)
  if (stretch.width < 8) return found
  // To a glance pairs are as good as elements twice as wide, but what comes again need not come in pairs.
  const narrow: Stretch = { ...stretch, width: 4 }
  const halves = split(block, narrow)
  const other = await encodeParts(block.kernel, narrow, halves, wholeOf(halves), level)
  return other.length < found.length ? other : found
}

interface SplitStretch extends Places {
  readonly elements: number
}

function split(block: Block, { width, start, end, isReversed, isTurned }: Stretch): SplitStretch {
  const { kernel, raw } = block
  const elements = (end - start) / width
  const places = placesOf(block, elements, width, start)
  if (width > 1) {
    kernel.setPlanes(places.planes)
    kernel.split(raw + start, elements, width, isReversed, isTurned ? 1 : 0)
  }
  return { ...places, elements }
}

/** @param level of zstd where numbers repeat */
async function encodeParts(
  kernel: FloatKernel,
  layout: Layout,
  { planes, code }: Places,
  parts: readonly Part[],
  level?: number,
): Promise<Uint8Array> {
  const stored = new StoredWriter()
  for (const { start, end } of parts) {
    stored.byte(formOf(layout))
    stored.number(end - start)
    for (const plane of planes)
      await encodePlane(kernel, { at: plane + start, length: end - start, code }, stored, level)
  }
  return stored.finish()
}

/** Elements of a stretch. */
interface Part {
  readonly start: number
  readonly end: number
}

function wholeOf({ elements }: SplitStretch): readonly Part[] {
  return [{ start: 0, end: elements }]
}

/** Of weights the lowest bits are noise; zeros that are there instead say nothing. */
function doNumbersRepeat(kernel: FloatKernel, { planes, elements }: SplitStretch): boolean {
  for (const plane of planes.toReversed()) {
    const repeats = kernel.repeats(plane, elements)
    if (repeats < allRepeat) return repeats >= fewRepeats
  }
  return false
}

export function formOf({ width, isReversed, isTurned }: Layout): number {
  return Math.log2(width) | (isReversed ? 4 : 0) | (isTurned ? 8 : 0)
}

async function encodePlane(
  kernel: FloatKernel,
  { at, length, code }: PlanePlace,
  stored: StoredWriter,
  level: number | undefined,
): Promise<void> {
  kernel.count(at, length)
  const counts = kernel.counted()
  const symbols = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  const memory = kernel.memory()
  if (symbols === 1) {
    stored.byte(oneByte)
    stored.byte(memory[at] ?? 0)
    return
  }
  const codedLength = entropyBits(counts) / 8 + overhead(symbols)
  const least = Math.min(length, codedLength)
  const found = level === undefined ? undefined : await zstd.encode(memory.slice(at, at + length), plainContext, level)
  if (found !== undefined && found.length < least) {
    stored.byte(matched)
    stored.number(found.length)
    stored.bytes(found)
  } else if (codedLength < length * worthwhile) {
    const shares = sharesOf(counts)
    kernel.setShares(shares)
    kernel.prepareEncoder()
    const end = code + length * 2 + codeSlack
    const start = kernel.encode(at, length, end)
    stored.byte(coded)
    stored.shares(shares)
    stored.number(end - start)
    stored.bytes(memory.slice(start, end))
  } else {
    stored.byte(asItIs)
    // A plane stays where it is until all are stored, unlike a code.
    stored.bytes(memory.subarray(at, at + length))
  }
}

/** Cells whose highest bytes are spread alike, joined from left to right as long as one table is cheaper than two. */
function partsOf(kernel: FloatKernel, { planes: [plane = 0], elements }: SplitStretch): readonly Part[] {
  const parts: Part[] = []
  let start = 0
  let joined: Uint32Array | undefined
  let joinedBits = 0
  for (let cell = 0; cell < elements; cell += cellElements) {
    kernel.count(plane + cell, Math.min(cellElements, elements - cell))
    const counts = kernel.counted()
    const bits = entropyBits(counts)
    if (joined !== undefined) {
      const together = joined.map((count, symbol) => count + (counts[symbol] ?? 0))
      const togetherBits = entropyBits(together)
      const symbols = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
      if (togetherBits <= joinedBits + bits + overhead(symbols) * 8) {
        joined = together
        joinedBits = togetherBits
        continue
      }
      parts.push({ start, end: cell })
      start = cell
    }
    joined = counts
    joinedBits = bits
  }
  if (elements > start) parts.push({ start, end: elements })
  return parts
}

/** Decodes the part of a block that begins at `start` and has so many elements, into the kernel's memory. */
export function decodePlanes(
  block: Block,
  stored: Uint8Array,
  reader: StoredReader,
  { start, elements, layout }: { readonly start: number; readonly elements: number; readonly layout: Layout },
): void {
  const { kernel } = block
  const places = placesOf(block, elements, layout.width, start)
  for (const plane of places.planes) {
    decodePlane(kernel, stored, reader, { at: plane, length: elements, code: places.code })
  }
  if (layout.width === 1) return
  kernel.setPlanes(places.planes)
  kernel.merge(block.raw + start, elements, layout.width, layout.isReversed, layout.isTurned ? 1 : 0)
}

interface PlanePlace {
  readonly at: number
  readonly length: number
  readonly code: number
}

function decodePlane(kernel: FloatKernel, stored: Uint8Array, reader: StoredReader, place: PlanePlace): void {
  const { at, length, code } = place
  const memory = kernel.memory()
  const mode = reader.byte()
  if (mode === asItIs) {
    const start = reader.skip(length)
    memory.set(stored.subarray(start, start + length), at)
  } else if (mode === oneByte) {
    memory.fill(reader.byte(), at, at + length)
  } else if (mode === coded) {
    kernel.setShares(reader.shares())
    kernel.prepareDecoder()
    const codeLength = reader.number(length * 2 + codeSlack)
    const start = reader.skip(codeLength)
    memory.set(stored.subarray(start, start + codeLength), code)
    if (kernel.decode(code, codeLength, at, length) === 0) throw damaged()
  } else if (mode === matched) {
    const codeLength = reader.number(length)
    const start = reader.skip(codeLength)
    memory.set(decodeZstd(stored.subarray(start, start + codeLength), length), at)
  } else throw damaged()
}

/** What a code may be longer than two bytes a symbol: the states, and room to read past its end. */
const codeSlack = 64

export interface Places {
  /** Of one byte an element each, the highest first. */
  readonly planes: readonly number[]
  readonly code: number
}

/** Lays out the kernel's memory behind the block, and makes room. */
export function placesOf({ kernel, raw, length }: Block, elements: number, width: number, start: number): Places {
  const stride = (elements + 127) & ~63
  const behind = raw + ((length + 127) & ~63)
  // Plain bytes are their own plane.
  const planes = width === 1 ? [raw + start] : Array.from({ length: width }, (_none, plane) => behind + plane * stride)
  const code = behind + width * stride
  kernel.reserve(code + elements * Math.max(2, width) + 32 * 1024 + 2 * codeSlack)
  return { planes, code }
}
