import { HeaderReader, HeaderWriter } from '../header'
import type { Transform } from '../transform'
import { firstCode, largestValue, lastCode, longestPeriod, mostPlaces, notation, powersOfTen } from './layout'
import { chooseParameters } from './parameters'
import { findDecimals, valueOf } from './tokens'

/**
 * Text full of slowly changing decimal numbers (coordinates, measurements): each number becomes its difference to the one
 * `period` numbers before it, in units of the last place. Digits cannot be predicted one by one where a small change carries into
 * all of them: after 131.000 comes 130.998.
 *
 * Layout: places (LEB128), notation (one byte), period (LEB128), then the text with a code and a magnitude in
 * place of numbers; the first of each phase are compared with 0. Numbers that would not come back digit by digit stay as they are.
 */
export const decimals: Transform = { number: 2, name: 'decimals', resultKind: 'binary', forward, inverse }

const fewestNumbers = 32

function forward(raw: Uint8Array): Uint8Array | undefined {
  const tokens = findDecimals(raw, fewestNumbers)
  if (tokens === undefined || tokens.count < fewestNumbers) return undefined
  const parameters = chooseParameters(tokens, raw.length)
  if (parameters === undefined || holdsCodes(raw)) return undefined
  const { scale, zeros, period } = parameters

  const header = new HeaderWriter()
  header.number(scale)
  header.byte(zeros)
  header.number(period)
  const transformed = new Uint8Array(raw.length)
  header.copyTo(transformed)
  const previous = new Float64Array(period)
  let phase = 0
  let write = header.length
  let read = 0
  for (let index = 0; index < tokens.count; index++) {
    const value = valueOf(tokens, index, scale, zeros)
    if (Number.isNaN(value)) continue
    const start = tokens.starts[index] ?? 0
    // A difference takes up to nine bytes, and a number as few as three.
    if (write + start - read + 9 > transformed.length) return undefined
    transformed.set(raw.subarray(read, start), write)
    write = putDifference(transformed, write + start - read, value - (previous[phase] ?? 0))
    read = start + (tokens.lengths[index] ?? 0)
    previous[phase] = value
    if (++phase === period) phase = 0
  }
  if (write + raw.length - read > transformed.length) return undefined
  transformed.set(raw.subarray(read), write)
  return transformed.subarray(0, write + raw.length - read)
}

function putDifference(target: Uint8Array, at: number, difference: number): number {
  const magnitude = Math.abs(difference)
  let length = 0
  for (let rest = magnitude; rest >= 1; rest /= 256) length++
  target[at] = firstCode + 2 * length + (difference < 0 ? 1 : 0)
  let rest = magnitude
  for (let place = at + length; place > at; place--) {
    const higher = Math.floor(rest / 256)
    target[place] = rest - higher * 256
    rest = higher
  }
  return at + length + 1
}

function inverse(transformed: Uint8Array, rawLength: number): Uint8Array {
  const header = new HeaderReader(transformed, 'decimals')
  const scale = header.number(mostPlaces)
  const zeros = header.byte()
  const period = header.number(longestPeriod)
  if (scale === 0 || zeros > notation.fixed || period === 0) throw header.corrupt()
  const body = header.rest()
  const raw = new Uint8Array(rawLength)
  const previous = new Float64Array(period)
  let phase = 0
  let write = 0
  let read = 0
  while (read < body.length) {
    const code = body[read++] ?? 0
    if (code < firstCode || code > lastCode) {
      if (write === rawLength) throw header.corrupt()
      raw[write++] = code
      continue
    }
    const length = (code - firstCode) >> 1
    if (read + length > body.length || (length > 0 && body[read] === 0)) throw header.corrupt()
    let magnitude = 0
    for (let place = 0; place < length; place++) magnitude = magnitude * 256 + (body[read++] ?? 0)
    const value = (previous[phase] ?? 0) + ((code & 1) === 1 ? -magnitude : magnitude)
    if (Math.abs(value) >= largestValue) throw header.corrupt()
    previous[phase] = value
    if (++phase === period) phase = 0
    write = putNumber(raw, write, value, scale, zeros)
    if (write > rawLength) throw header.corrupt()
  }
  if (write !== rawLength) throw header.corrupt()
  return raw
}

/** Writes the number's digits, as far as there is room. @returns where they end, room or not */
function putNumber(target: Uint8Array, at: number, value: number, scale: number, zeros: number): number {
  let magnitude = Math.abs(value)
  let places = scale
  while (zeros === notation.shortest && places > 1 && magnitude % 10 === 0) {
    magnitude /= 10
    places--
  }
  let whole = 1
  for (let limit = powersOfTen[places] ?? 1; limit * 10 <= magnitude; limit *= 10) whole++
  const start = value < 0 ? at + 1 : at
  if (value < 0) target[at] = 0x2d
  const end = start + whole + 1 + places
  for (let place = end - 1; place >= start; place--) {
    if (place === start + whole) {
      target[place] = 0x2e
      continue
    }
    const higher = Math.floor(magnitude / 10)
    target[place] = 0x30 + magnitude - higher * 10
    magnitude = higher
  }
  return end
}

function holdsCodes(raw: Uint8Array): boolean {
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at] ?? 0
    if (byte >= firstCode && byte <= lastCode) return true
  }
  return false
}
