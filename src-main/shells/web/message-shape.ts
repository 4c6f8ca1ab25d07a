/*
 * What a MessagePack message is made of, found out without making anything of it. The decoder makes room for as many elements as
 * an array says it has, before any of them is there: five bytes a level could ask for gigabytes.
 * Formats: https://github.com/msgpack/msgpack/blob/master/spec.md
 */

/** Calls and their arguments lie no deeper than half of this. */
const deepest = 24

/** Bytes behind the first one, of formats 0xc0 to 0xdf whose length is fixed; undefined for the others. */
const fixedLengths: readonly (number | undefined)[] = [
  // nil, never used, false, true; bin 8-32; ext 8-32
  ...[0, undefined, 0, 0, undefined, undefined, undefined, undefined, undefined, undefined],
  // float 32 and 64, uint 8-64, int 8-64
  ...[4, 8, 1, 2, 4, 8, 1, 2, 4, 8],
  // fixext 1-16, with their type
  ...[2, 3, 5, 9, 17],
]

/** Whether a message is one whole value, with all elements that its arrays and maps say they have, and not nested too deeply. */
export function isWholeMessage(message: Uint8Array): boolean {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  /** Values still to come, of each array and map that has begun. */
  const open = [1]
  let at = 0
  while (open.length > 0) {
    // The stack is not empty.
    const left = open.pop()!
    if (left === 0) continue
    open.push(left - 1)
    if (at >= message.length) return false
    const head = readHead(view, at)
    if (head === undefined) return false
    at += head.bytes
    if (at > message.length || head.values > message.length) return false
    if (head.values > 0) open.push(head.values)
    if (open.length > deepest) return false
  }
  return at === message.length
}

interface Head {
  /** Of all that is not values: for a text, with the text. */
  readonly bytes: number
  /** That follow as part of this one. */
  readonly values: number
}

function readHead(view: DataView, at: number): Head | undefined {
  const format = view.getUint8(at)
  if (format < 0x80 || format >= 0xe0) return { bytes: 1, values: 0 }
  if (format < 0x90) return { bytes: 1, values: 2 * (format & 15) }
  if (format < 0xa0) return { bytes: 1, values: format & 15 }
  if (format < 0xc0) return { bytes: 1 + (format & 31), values: 0 }
  const fixed = fixedLengths[format - 0xc0]
  if (fixed !== undefined) return { bytes: 1 + fixed, values: 0 }
  switch (format) {
    case 0xc4:
    case 0xd9:
      return withLength(view, at, 1, 0)
    case 0xc5:
    case 0xda:
      return withLength(view, at, 2, 0)
    case 0xc6:
    case 0xdb:
      return withLength(view, at, 4, 0)
    case 0xc7:
      return withLength(view, at, 1, 1)
    case 0xc8:
      return withLength(view, at, 2, 1)
    case 0xc9:
      return withLength(view, at, 4, 1)
    case 0xdc:
      return withCount(view, at, 2, 1)
    case 0xdd:
      return withCount(view, at, 4, 1)
    case 0xde:
      return withCount(view, at, 2, 2)
    case 0xdf:
      return withCount(view, at, 4, 2)
    default:
      return undefined
  }
}

function withLength(view: DataView, at: number, width: 1 | 2 | 4, type: 0 | 1): Head | undefined {
  const length = unsigned(view, at + 1, width)
  return length === undefined ? undefined : { bytes: 1 + width + type + length, values: 0 }
}

function withCount(view: DataView, at: number, width: 2 | 4, each: 1 | 2): Head | undefined {
  const count = unsigned(view, at + 1, width)
  return count === undefined ? undefined : { bytes: 1 + width, values: count * each }
}

function unsigned(view: DataView, at: number, width: 1 | 2 | 4): number | undefined {
  if (at + width > view.byteLength) return undefined
  if (width === 1) return view.getUint8(at)
  return width === 2 ? view.getUint16(at) : view.getUint32(at)
}
