import { describe, expect, test } from 'vitest'
import { bitsPerByte, formatBits, formatDate, formatDuration, formatShare, formatSize } from '../../src-renderer/format'

describe('sizes', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [812, '812 bytes'],
    [999, '999 bytes'],
    [1000, '1.00 kB'],
    [12_100, '12.1 kB'],
    [120_400, '120 kB'],
    [999_499, '999 kB'],
    // Rounding must not lead to "1000 kB".
    [999_500, '1.00 MB'],
    [9_996, '10.0 kB'],
    [1_310_000_000, '1.31 GB'],
    [9_007_199_254_740_991, '9.01 PB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatSize(bytes, 'en')).toBe(text.replace(/(?<=\d) (?=[a-zA-Z]B)/, '\u00a0'))
  })

  test('numbers follow the language', () => {
    expect(formatSize(1_310_000_000, 'de')).toBe('1,31\u00a0GB')
    expect(formatSize(812, 'de')).toMatch(/^812.Byte/)
  })
})

test('bits a byte have one decimal, and an empty file has none', () => {
  expect(bitsPerByte(0, 0)).toBeUndefined()
  expect(formatBits(bitsPerByte(1000, 163) ?? 0, 'en')).toBe('1.3')
  expect(formatBits(8, 'de')).toBe('8,0')
})

test('a job is not said to be done before it is', () => {
  expect(formatShare(0.9999, 'en')).toBe('99%')
  expect(formatShare(1, 'en')).toBe('100%')
})

test.each([
  [0.02, '< 0.1 s'],
  [0.31, '0.3 s'],
  // Not "1.0 s" beside "1 s".
  [0.96, '1 s'],
  [7.6, '8 s'],
  [42, '40 s'],
  [59, '1 min'],
  [245, '4 min'],
  [3598, '1 h'],
  [7800, '2 h 10 min'],
  [80_000, '22 h'],
  [260_000, '3 days'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds, 'en').replaceAll('\u00a0', ' ')).toBe(text)
})

describe('dates', () => {
  const now = new Date(2026, 10, 21, 17, 0).getTime()
  const at = (...date: [number, number, number, number?, number?]): string =>
    formatDate(new Date(...date).getTime(), 'en-GB', now)

  test('are relative up to a week, by days of the calendar', () => {
    expect(at(2026, 10, 21, 14, 2)).toBe('Today, 14:02')
    // Less than a day ago, but not today.
    expect(at(2026, 10, 20, 23, 59)).toBe('Yesterday, 23:59')
    expect(at(2026, 10, 16, 8, 0)).toBe('5 days ago')
    expect(at(2026, 10, 15, 8, 0)).toBe('6 days ago')
    expect(at(2026, 10, 14, 8, 0)).toBe('14 Nov')
  })

  test('name the year where it is another one', () => {
    expect(at(2025, 4, 3)).toBe('3 May 2025')
  })

  test('of the future are never relative: a clock that is wrong says nothing about days', () => {
    expect(at(2026, 10, 23)).toBe('23 Nov')
  })

  test('that no calendar has are left empty', () => {
    expect(formatDate(Number.NaN, 'en', now)).toBe('')
    expect(formatDate(9e15, 'en', now)).toBe('')
  })

  test('in German', () => {
    expect(formatDate(new Date(2026, 10, 20, 9, 5).getTime(), 'de', now)).toBe('Gestern, 09:05')
  })
})
