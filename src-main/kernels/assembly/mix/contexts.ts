/** What the model knows when a byte begins: hashes of what came before, seen in many ways. */
import { BYTES, FIELDS, FOLLOWERS, HASH } from './memory'

/** Which set of contexts is used. */
export const TEXT: u32 = 0
export const BINARY: u32 = 2

export let contextSet: u32 = 0

let word: u32 = 0
let word1: u32 = 0
let lineStart: usize = 0
let aboveStart: usize = 0
let field: u32 = 0
let fieldHash: u32 = 0
let fieldStart: usize = 0
let key: u32 = 0
let firstWord: u32 = 0
let indent: u32 = 0
let fieldsNow: usize = FIELDS
let fieldsAbove: usize = FIELDS + 1024
export let aboveByte: u32 = 0
let aboveFieldByte: u32 = 0
export let classes: u32 = 0
/** Bytes of a record of raw data. */
let record: u32 = 4

export function startContexts(set: u32, start: usize, recordLength: u32): void {
  contextSet = set
  word = word1 = 0
  lineStart = aboveStart = fieldStart = start
  field = fieldHash = key = firstWord = indent = classes = 0
  aboveByte = aboveFieldByte = 0
  fieldsNow = FIELDS
  fieldsAbove = FIELDS + 1024
  memory.fill(FIELDS, 0, 2048)
  record = recordLength
}

@inline
function mixed(a: u32, b: u32): u32 {
  const h = a * 0x2c1b3c6d + b * 0x9e3779b1
  return (h ^ (h >> 15)) * 0x85ebca6b
}

@inline
function put(i: u32, value: u32): void {
  const h = (value + (i + 1) * 0x9e3779b1) * 0x2545f491
  store<u32>(HASH + (i as usize) * 4, h ^ (h >> 14))
}

@inline
function isLetter(c: u32): bool {
  return (c | 32) - 97 < 26 || c >= 128
}

@inline
function classOf(c: u32): u32 {
  if ((c | 32) - 97 < 26) return c < 97 ? 1 : 0
  if (c >= 128) return 2
  if (c - 48 < 10) return 3
  if (c == 32) return 4
  if (c == 10) return 5
  return c < 65 ? 6 : 7
}

/** Takes note of the byte that ended at `end`, and hashes the contexts of the next one. */
export function updateContexts(end: usize, c4: u32, c8: u32): void {
  const c = c4 & 255
  classes = ((classes << 3) | classOf(c)) & 0xfff
  if (contextSet == BINARY) binaryContexts(end, c4, c8)
  else textContexts(end, c4, c8, c)
}

function textContexts(end: usize, c4: u32, c8: u32, c: u32): void {
  if (isLetter(c)) {
    word = mixed(word + 1, c < 128 ? c | 32 : c)
  } else if (word != 0) {
    if (firstWord == 0) firstWord = word
    word1 = word
    word = 0
  }
  fieldHash = mixed(fieldHash + 1, c)
  if (c == 10) {
    aboveStart = lineStart
    lineStart = end
    const swap = fieldsAbove
    fieldsAbove = fieldsNow
    fieldsNow = swap
    memory.fill(fieldsNow, 0, 1024)
    field = 0
    fieldHash = 0
    fieldStart = end
    firstWord = 0
    indent = 0
    store<u32>(fieldsNow, end as u32)
  } else if (c == 44 || c == 32 || c == 9 || c == 59 || c == 124 || c == 34) {
    if (c == 32 && lineStart + indent + 1 == end) indent++
    field = min<u32>(field + 1, 255)
    fieldHash = 0
    fieldStart = end
    store<u32>(fieldsNow + field * 4, end as u32)
  }
  if (c == 58 || c == 61 || c == 62) key = word1
  const above = aboveStart + (end - lineStart)
  aboveByte = above < lineStart ? load<u8>(above) : 0
  const aboveField = load<u32>(fieldsAbove + field * 4) as usize
  const inField = aboveField + (end - fieldStart)
  aboveFieldByte = aboveField != 0 && inField < lineStart ? load<u8>(inField) : 0
  const aboveNext = aboveField != 0 && inField + 1 < lineStart ? load<u8>(inField + 1) : 0

  const pair = (c4 & 0xffff) as usize
  const previous = FOLLOWERS + (((c4 >> 8) & 0xffff) as usize) * 4
  store<u32>(previous, (load<u32>(previous) << 8) | c)
  const followers = load<u32>(FOLLOWERS + pair * 4)

  put(0, c4 & 0xffff)
  put(1, c4 & 0xffffff)
  put(2, c4)
  put(3, mixed(c4, c8 & 0xff))
  put(4, mixed(c4, c8))
  put(5, mixed(word, c))
  put(6, mixed(mixed(word, word1), c))
  put(7, mixed(fieldHash, contextSet == TEXT ? key : field + (key << 8)))
  put(8, mixed(aboveFieldByte | (aboveNext << 8) | (c << 16), contextSet == TEXT ? 0 : field))
  put(9, mixed(aboveByte | (c << 8), firstWord))
  put(10, mixed(followers & 0xffffff, c))
}

function binaryContexts(end: usize, c4: u32, c8: u32): void {
  const c = c4 & 255
  const pair = (c4 & 0xffff) as usize
  const previous = FOLLOWERS + (((c4 >> 8) & 0xffff) as usize) * 4
  store<u32>(previous, (load<u32>(previous) << 8) | c)
  const followers = load<u32>(FOLLOWERS + pair * 4)
  const above = end - record >= BYTES ? load<u8>(end - record) : 0
  // Where a record is a row of an image, its column says nothing.
  const column = record < 256 ? ((end - BYTES) as u32) % record : 0
  aboveByte = above
  put(0, c4 & 0xffff)
  put(1, c4 & 0xffffff)
  put(2, c4)
  put(3, mixed(c4, c8 & 0xffff))
  put(4, c4 & 0xff00)
  put(5, c4 & 0xffff00)
  put(6, c4 & 0xff00ff)
  put(7, mixed(above | (column << 8), record))
  put(8, mixed(above | (c << 8), column))
  put(9, mixed(c4 & 0xf8f8f8f8, c8 & 0xf8))
  put(10, mixed(followers & 0xffff, c))
}
