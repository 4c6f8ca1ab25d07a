import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LmzError } from '../../../../src-main/contract/error'
import { candidatesFor, transformByNumber, transforms } from '../../../../src-main/codecs/transforms/registry'
import type { Transform } from '../../../../src-main/codecs/transforms/transform'
import { arm64Code, coordinates, table, timeSeries, x86Code } from './samples'

/** Gives the transformed bytes, after checking that they come back. */
function roundTrip(transform: Transform, raw: Uint8Array): Uint8Array | undefined {
  const copy = Uint8Array.from(raw)
  const transformed = transform.forward(raw)
  expect(Buffer.compare(raw, copy), 'the input is left as it was').toBe(0)
  if (transformed === undefined) return undefined
  const back = transform.inverse(transformed, raw.length)
  expect(Buffer.compare(back, raw), `${transform.name} gives back what it got`).toBe(0)
  return transformed
}

/** Anything but an LmzError or exactly the declared length is a hole in the decoder. */
function surviveInverse(transform: Transform, transformed: Uint8Array, rawLength: number): void {
  try {
    expect(transform.inverse(transformed, rawLength)).toHaveLength(rawLength)
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(LmzError)
    expect(thrown).toMatchObject({ code: 'Corrupt' })
  }
}

const crafted: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array()],
  ['one byte', Uint8Array.of(0xe8)],
  ['a line feed', Buffer.from('\n')],
  ['line feeds', Buffer.from('\n'.repeat(5000))],
  ['one value', new Uint8Array(70_000).fill(0x2c)],
  ['zeros', new Uint8Array(70_000)],
  ['call opcodes only', new Uint8Array(10_000).fill(0xe8)],
  ['0xFF', new Uint8Array(10_001).fill(0xff)],
  ['random', randomBytes(100_000)],
  ['a table', Buffer.from(table(500))],
  ['a table without a last line feed', Buffer.from(table(500).slice(0, -1))],
  ['a table cut at both ends', Buffer.from(table(500).slice(7, -9))],
  ['a table with CR LF', Buffer.from(table(500).replaceAll('\n', '\r\n'))],
  ['a table with tabs', Buffer.from(table(300).replaceAll(',', '\t'))],
  ['a table with ragged rows', Buffer.from(table(300) + 'a\n,b\n,,,\n' + table(300))],
  ['two tables', Buffer.from(table(300) + timeSeries(300))],
  ['a table with line feeds in quotes', Buffer.from(table(300).replaceAll('"', '"x\n,y ""'))],
  ['a table with quotes that do not end', Buffer.from(table(300) + '"' + table(30))],
  ['a table with control characters', Buffer.from(table(300) + '\u0010\u001f' + coordinates(300))],
  ['coordinates', Buffer.from(coordinates(2000))],
  ['coordinates cut in a number', Buffer.from(coordinates(2000).slice(3, -3))],
  ['measurements', Buffer.from(timeSeries(2000))],
  ['x86 code', x86Code(20_000, false)],
  ['x86-64 code', x86Code(20_000, true)],
  ['x86-64 code and data', Buffer.concat([randomBytes(5000), x86Code(20_000, true), randomBytes(5001)])],
  ['ARM64 code', arm64Code(5000)],
  ['ARM64 code at an odd place', Buffer.concat([randomBytes(4099), arm64Code(5000), randomBytes(2)])],
]

describe.each(transforms.map((transform) => [transform.name, transform] as const))('%s', (_name, transform) => {
  it.each(crafted)('gives back %s', (_label, raw) => {
    roundTrip(transform, raw)
  })

  it('gives back generated text of every shape, and answers damage to it with a typed error', () => {
    const cell = fc.oneof(
      fc.integer({ min: -20_000_000, max: 20_000_000 }).map((value) => (value / 1e5).toString()),
      fc.integer({ min: -999, max: 999 }).map((value) => (value / 10).toFixed(1)),
      fc.constantFrom(
        '',
        '"a, b"',
        '"',
        '-0.0',
        '00.5',
        '1.50',
        '1e5',
        '1.2.3',
        '-',
        '.',
        'é',
        '\r',
        '9999999999999.99',
      ),
      fc.string({ maxLength: 6 }),
    )
    const row = fc.array(cell, { minLength: 1, maxLength: 5 })
    const text = fc
      .record({
        rows: fc.array(row, { minLength: 1, maxLength: 6 }),
        repeats: fc.integer({ min: 1, max: 24 }),
        steps: fc.constantFrom(0, 40, 200),
        delimiter: fc.constantFrom(',', '\t', ';', '|', ' '),
        end: fc.constantFrom('\n', '\r\n', ''),
        drift: fc.integer({ min: 0, max: 1000 }),
      })
      .map(({ rows, repeats, delimiter, end, drift, steps }) => {
        const once = rows.map((cells) => cells.join(delimiter)).join('\n') + end
        const walk = Array.from(
          { length: steps },
          (_, step) => `${((drift + step * 7) / 1000).toString()}${delimiter}x\n`,
        )
        return Buffer.from(once.repeat(repeats) + walk.join('') + once)
      })
    let transformedOnes = 0
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (raw, cutAt, damageAt, flip) => {
        const transformed = roundTrip(transform, raw.subarray(cutAt % 20))
        if (transformed === undefined) return
        transformedOnes++
        const damaged = Uint8Array.from(transformed)
        const at = damageAt % damaged.length
        damaged[at] = (damaged[at] ?? 0) ^ flip
        surviveInverse(transform, damaged, raw.length - (cutAt % 20))
        surviveInverse(transform, transformed.subarray(0, at), raw.length - (cutAt % 20))
      }),
      { numRuns: 2500 },
    )
    // Else the shapes above are not what the transform is for, and nothing was tested.
    if (transform.name !== 'branches') expect(transformedOnes).toBeGreaterThan(100)
  })

  it('gives back generated bytes that look like code, and answers damage to it with a typed error', () => {
    const byte = fc.constantFrom(
      0xe8,
      0xe9,
      0x0f,
      0x84,
      0x05,
      0x0d,
      0x48,
      0x8b,
      0x8d,
      0xff,
      0x83,
      0xc7,
      0,
      1,
      0x94,
      0x97,
      0x90,
    )
    const bytes = fc.oneof(fc.array(byte, { maxLength: 400 }), fc.array(fc.nat(255), { maxLength: 100 }))
    fc.assert(
      fc.property(bytes, bytes, fc.boolean(), fc.nat(3), fc.nat(), (first, second, isX86, offset, damageAt) => {
        const code = isX86 ? x86Code(4000, true) : arm64Code(1000)
        const raw = Buffer.concat([new Uint8Array(offset), Uint8Array.from(first), code, Uint8Array.from(second)])
        const transformed = roundTrip(transform, raw)
        if (transformed === undefined) return
        const damaged = Uint8Array.from(transformed)
        damaged[damageAt % 12] = damageAt
        surviveInverse(transform, damaged, raw.length)
      }),
      { numRuns: 500 },
    )
  })

  it('survives bytes that no writer wrote, in time and without more memory than declared', () => {
    const header = fc.array(fc.oneof(fc.nat(255), fc.nat(8), fc.constantFrom(0x80, 0xff, 0x0a)), { maxLength: 40 })
    fc.assert(
      fc.property(header, fc.nat(300), fc.nat(255), fc.nat(400), (start, length, fill, rawLength) => {
        const bytes = Uint8Array.from([...start, ...new Uint8Array(length).fill(fill)])
        surviveInverse(transform, bytes, rawLength)
        surviveInverse(transform, bytes, Math.max(0, bytes.length - 7))
      }),
      { numRuns: 3000 },
    )
  })

  it('refuses a result of another length than declared', () => {
    for (const [, raw] of crafted) {
      const transformed = transform.forward(raw)
      if (transformed === undefined) continue
      for (const declared of [0, 1, raw.length - 1, raw.length + 1, raw.length + 5000]) {
        expect(() => transform.inverse(transformed, declared), `declared ${declared}`).toThrow(
          expect.objectContaining({ code: 'Corrupt' }),
        )
      }
    }
  })
})

describe('hostile input', () => {
  it('does not run long on declared lengths and counts that do not fit', () => {
    const large = 16 * 1024 * 1024
    const started = performance.now()
    for (const transform of transforms) {
      for (const bytes of [new Uint8Array(100), new Uint8Array(100).fill(0xff), new Uint8Array(100).fill(0x0a)]) {
        surviveInverse(transform, bytes, large)
      }
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('what a transform is for', () => {
  const byName = (name: string): Transform => {
    const transform = transforms.find((candidate) => candidate.name === name)
    if (transform === undefined) throw new Error(`no transform ${name}`)
    return transform
  }

  it.each([
    ['x86-64 code', 'branches', x86Code(20_000, true)],
    ['x86 code', 'branches', x86Code(20_000, false)],
    ['ARM64 code', 'branches', arm64Code(5000)],
    ['coordinates', 'decimals', Buffer.from(coordinates(2000))],
    ['a table', 'columns', Buffer.from(table(500))],
    ['a table of measurements', 'decimal-columns', Buffer.from(timeSeries(2000))],
  ] as const)('%s is recognised by %s', (_label, name, raw) => {
    expect(roundTrip(byName(name), raw)).toBeDefined()
  })

  it('makes equal bytes of calls to one function from different places', () => {
    const transformed = roundTrip(byName('branches'), x86Code(20_000, false)) ?? new Uint8Array()
    const operands = new Map<string, number>()
    for (let at = 0; at + 5 <= transformed.length; at++) {
      if (transformed[at] !== 0xe8) continue
      const operand = Buffer.from(transformed.subarray(at + 1, at + 5)).toString('hex')
      operands.set(operand, (operands.get(operand) ?? 0) + 1)
    }
    const often = [...operands.values()].filter((count) => count > 20)
    expect(often.length).toBeGreaterThanOrEqual(8)
  })

  it('keeps a code and its meaning in one column', () => {
    const rows = Array.from({ length: 400 }, (_, row) => {
      const code = (row * 7919) % 23
      return `${(row * 31) % 17},C${code},meaning of ${code * 97}\n`
    })
    const transformed = roundTrip(byName('columns'), Buffer.from(rows.join(''))) ?? new Uint8Array()
    expect(Buffer.from(transformed).toString('latin1')).toContain('C5,meaning of 485\n')
  })

  it('leaves prose and noise alone', () => {
    const prose = Buffer.from(
      'It was the best of times, it was the worst of times; it was the age.\nOf wisdom.\n'.repeat(7),
    )
    const spread = Buffer.from(
      Array.from({ length: 900 }, (_, line) => `Line ${line} says nothing much at all.`).join('\n'),
    )
    for (const transform of transforms) {
      expect(transform.forward(spread), transform.name).toBeUndefined()
      expect(transform.forward(randomBytes(200_000)), transform.name).toBeUndefined()
    }
    expect(byName('decimals').forward(prose)).toBeUndefined()
  })
})

describe('the list of transforms', () => {
  it('finds each by its number, none for 0, and refuses what a newer lmz wrote', () => {
    expect(transforms.map(({ number, name }) => [number, name])).toEqual([
      [1, 'branches'],
      [2, 'decimals'],
      [3, 'columns'],
      [4, 'decimal-columns'],
    ])
    for (const transform of transforms) expect(transformByNumber(transform.number)).toBe(transform)
    expect(transformByNumber(0)).toBeUndefined()
    expect(() => transformByNumber(200)).toThrow(expect.objectContaining({ code: 'Unsupported' }))
  })

  it('names what is worth trying by kind and content', () => {
    const names = (...given: Parameters<typeof candidatesFor>): readonly string[] =>
      candidatesFor(...given).map(({ name }) => name)
    expect(names('executable', x86Code(20_000, true))).toEqual(['branches'])
    expect(names('executable', randomBytes(50_000))).toEqual([])
    expect(names('structured', Buffer.from(table(500)))).toEqual(['columns'])
    expect(names('structured', Buffer.from(coordinates(2000)))).toContain('decimals')
    expect(names('structured', Buffer.from(timeSeries(2000)))[0]).toBe('decimal-columns')
    expect(names('media', x86Code(20_000, true))).toEqual([])
    expect(names('code', Buffer.from(table(500)))).toEqual([])
  })
})
