import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWholeMessage } from '../../../src-main/shells/web/message-shape'

function decodes(message: Uint8Array): boolean {
  try {
    decode(message, { useBigInt64: true })
    return true
  } catch {
    return false
  }
}

const leaf = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.double(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
)
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 8 },
    leaf,
    fc.array(tie('node'), { maxLength: 40 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('node'),
      { maxKeys: 40 },
    ),
  ),
})).node

describe('messages in MessagePack', () => {
  test('whatever the encoder writes is whole; cut or with something behind it, it is not', () => {
    fc.assert(
      fc.property(value, fc.nat(), (given, at) => {
        const message = encode(given, { useBigInt64: true })
        expect(isWholeMessage(message)).toBe(true)
        if (message.length > 1) expect(isWholeMessage(message.subarray(0, 1 + (at % (message.length - 1))))).toBe(false)
        expect(isWholeMessage(Buffer.concat([message, Buffer.from([0])]))).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('what the decoder cannot take in is mostly known before: it asks for no more memory than the message has bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (message) => {
        // The other way round does not hold: keys may be of the wrong kind, texts no UTF-8.
        if (decodes(message)) expect(isWholeMessage(message)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    ['array of 2^32 - 1', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['map of 2^32 - 1', [0xdf, 0xff, 0xff, 0xff, 0xff, 0xa0, 0xa0]],
    ['text of 2^32 - 1', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['head without length', [0xdd, 0xff]],
    ['nothing', []],
    ['never used', [0xc1]],
  ])('%s is not whole', (_name, bytes) => {
    expect(isWholeMessage(Uint8Array.from(bytes))).toBe(false)
  })

  test('every array and map it lets through has its elements', () => {
    for (const size of [0, 1, 15, 16, 65_535, 65_536]) {
      expect(isWholeMessage(encode(new Array(size).fill(0)))).toBe(true)
      expect(isWholeMessage(encode(Object.fromEntries(Array.from({ length: size }, (_, at) => [at, at]))))).toBe(true)
    }
    for (const length of [0, 31, 32, 255, 256, 65_535, 65_536]) {
      expect(isWholeMessage(encode('x'.repeat(length)))).toBe(true)
      expect(isWholeMessage(encode(new Uint8Array(length)))).toBe(true)
    }
    expect(isWholeMessage(encode(new Date()))).toBe(true)
  })
})
