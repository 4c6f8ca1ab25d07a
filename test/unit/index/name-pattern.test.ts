import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNames } from '../../../src-main/index/name-order'
import { nameTest } from '../../../src-main/index/name-pattern'

describe('nameTest', () => {
  it('matches as people expect it of a search field', () => {
    const cases: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
      ['report', 'My Report.pdf', true],
      ['*.pdf', 'My Report.PDF', true],
      ['*.pdf', 'pdf.txt', false],
      ['a?c', 'abc', true],
      ['a?c', 'ac', false],
      ['?', '😀', true],
      ['*', '', true],
      ['a*b*c', 'aXbXbc', true],
      ['a*b*c', 'aXbXb', false],
      ['ÜBER*', 'u\u0308ber.txt', true],
      ['src/*.ts', 'src/a.ts', true],
      ['src/*.ts', 'src/b/a.ts', false],
      ['src/**/*.ts', 'src/b/c/a.ts', true],
      ['src/**/*.ts', 'src/a.ts', true],
      ['**/a.ts', 'a.ts', true],
      ['/src/', 'a/src/b', true],
      ['/src/*/', 'src/b', true],
      ['(a+)+$', '(a+)+$', true],
    ]
    for (const [pattern, text, matches] of cases)
      expect([pattern, text, nameTest(pattern)(text)]).toEqual([pattern, text, matches])
  })

  it('agrees with a regular expression on any pattern', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
    const patterns = fc
      .string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
      .filter((text) => /[*?]/.test(text))
    fc.assert(
      fc.property(patterns, letters, (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text)
        expect(nameTest(pattern)(text)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('ends soon for a pattern that would keep a regular expression busy for years', () => {
    expect(nameTest(`${'*a'.repeat(400)}*b`)('a'.repeat(1000))).toBe(false)
    expect(nameTest(`${'**/a/'.repeat(200)}b`)('a/'.repeat(1000))).toBe(false)
  })
})

describe('compareNames', () => {
  it('orders as SQLite does, by UTF-8 bytes', () => {
    const anyName = fc.string({
      unit: fc.constantFrom('a', 'é', '\uD7FF', '\uE000', '\uFFFD', '\u{10000}', '😀', '\u{10FFFF}'),
    })
    fc.assert(
      fc.property(anyName, anyName, (left, right) => {
        const expected = Buffer.compare(Buffer.from(left), Buffer.from(right))
        expect(Math.sign(compareNames(left, right))).toBe(expected)
      }),
    )
  })
})
