import { describe, expect, test } from 'vitest'
import { FileBytes } from '../../../src-renderer/archive/preview/file-bytes'
import type { TextEncoding } from '../../../src-renderer/archive/preview/text-encoding'
import { endOfUnit, type MappedPart, mappedTextParts, unitAt } from '../../../src-renderer/archive/surprise/mapped-text'

async function partsOf(content: Uint8Array, encoding: TextEncoding): Promise<MappedPart[]> {
  const bytes = new FileBytes(content.length, (offset, length) =>
    Promise.resolve(content.subarray(offset, offset + length)),
  )
  const parts: MappedPart[] = []
  for await (const part of mappedTextParts(bytes, encoding)) parts.push(part)
  return parts
}

describe('a text and its bytes', () => {
  test.each<[TextEncoding, Uint8Array, string, readonly number[]]>([
    ['utf-8', Buffer.from('aé世😀b'), 'aé世😀b', [0, 1, 3, 6, 6, 10]],
    ['utf-16le', Buffer.from('aé世', 'utf16le'), 'aé世', [0, 2, 4]],
    ['windows-1252', Buffer.from('Köln', 'latin1'), 'Köln', [0, 1, 2, 3]],
    ['shift_jis', Buffer.from([0x61, 0x93, 0xfa, 0x62]), 'a日b', [0, 1, 3]],
    // The mark of the encoding is no character, but its bytes cost something too.
    ['utf-8', Buffer.from('\ufeffab'), 'ab', [0, 4]],
    ['utf-8', Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb', [0, 1, 2]],
  ])('in %s, each character has its own bytes', async (encoding, content, text, starts) => {
    const [part] = await partsOf(content, encoding)
    expect(part?.text).toBe(text)
    expect(part?.starts).toEqual(starts)
    expect(part?.end).toBe(content.length)
  })

  test('parts lie one behind the other without a gap, lines whole where they are not too long', async () => {
    const content = Buffer.from('Wörter und Zeilen.\n'.repeat(3000))
    const parts = await partsOf(content, 'utf-8')
    expect(parts.length).toBeGreaterThan(5)
    expect(parts.map(({ text }) => text).join('')).toBe(content.toString())
    parts.forEach(({ starts, text }, at) => {
      expect(starts[0]).toBe(at === 0 ? 0 : parts[at - 1]?.end)
      expect(text.endsWith('\n')).toBe(true)
    })
    expect(parts.at(-1)?.end).toBe(content.length)
  })

  test('from a byte to its character, and to where its bytes end', async () => {
    const [part] = await partsOf(Buffer.from('aé😀b'), 'utf-8')
    expect(part).toBeDefined()
    expect([0, 1, 3, 7, 8].map((offset) => unitAt(part!, offset))).toEqual([0, 1, 2, 4, 5])
    expect([0, 1, 2, 3, 4].map((unit) => endOfUnit(part!, unit))).toEqual([1, 3, 7, 7, 8])
  })
})
