import { describe, expect, it } from 'vitest'
import { hexRow, offsetDigits } from '../../../src-renderer/archive/preview/hex'
import { pictureTypeOf, pixelsOf } from '../../../src-renderer/archive/preview/pictures'
import { encodingOf } from '../../../src-renderer/archive/preview/text-encoding'

function utf16(text: string, isBigEnd: boolean): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), !isBigEnd)
  return bytes
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const latin = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

// If this fails, the preview shows garbled text, or text where there is none.
describe('the encoding of a text', () => {
  it('believes marks', () => {
    expect(encodingOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('utf-8')
    expect(encodingOf(utf16('\ufeffSchönes Wetter', false))).toBe('utf-16le')
    expect(encodingOf(utf16('\ufeffSchönes Wetter', true))).toBe('utf-16be')
    expect(encodingOf(Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0))).toBeUndefined()
  })

  it('takes what is valid UTF-8 for UTF-8, even cut off within a character', () => {
    const text = utf8('Größe: 5 € – 漢字 🦊')
    for (let length = 1; length <= text.length; length++) expect(encodingOf(text.subarray(0, length))).toBe('utf-8')
    expect(encodingOf(new Uint8Array(0))).toBe('utf-8')
  })

  it('takes other text for Windows-1252', () => {
    expect(encodingOf(latin('Gr\xf6\xdfe: 5 \x80\r\n\tn\xe4chste Zeile'))).toBe('windows-1252')
  })

  it('knows UTF-16 without a mark by its zeros', () => {
    expect(encodingOf(utf16('one line\r\nanother line', false))).toBe('utf-16le')
    expect(encodingOf(utf16('one line\r\nanother line', true))).toBe('utf-16be')
  })

  it('takes bytes that are no text for no text', () => {
    expect(encodingOf(latin('\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0'))).toBeUndefined()
    expect(encodingOf(Uint8Array.from({ length: 256 }, (_, at) => at))).toBeUndefined()
    expect(encodingOf(Uint8Array.from({ length: 256 }, (_, at) => (at * 7) % 31))).toBeUndefined()
  })

  it('forgives a stray control character in a long text', () => {
    expect(encodingOf(utf8(`${'A line of a report.\n'.repeat(50)}\x01`))).toBe('utf-8')
  })
})

describe('a hex dump', () => {
  it('shows sixteen bytes, and the printable among them', () => {
    expect(hexRow(latin('Hi\x00\xff 0123456789a'), 0x20, 8)).toEqual({
      offset: '00000020',
      bytes: '48 69 00 ff 20 30 31 32  33 34 35 36 37 38 39 61',
      characters: 'Hi·· 0123456789a',
    })
  })

  it('keeps its columns in a last row that is short', () => {
    const { bytes, characters } = hexRow(latin('ab'), 0, 8)
    expect(bytes).toHaveLength('48 69 00 ff 20 30 31 32  33 34 35 36 37 38 39 61'.length)
    expect(characters).toBe('ab')
  })

  it('has digits enough for the largest offset', () => {
    expect(offsetDigits(0)).toBe(8)
    expect(offsetDigits(2 ** 32)).toBe(8)
    expect(offsetDigits(2 ** 32 + 1)).toBe(9)
  })
})

const png = latin('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\x80\0\x08\x06\0\0\0')
const jpeg = latin(
  `\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03${'\0'.repeat(9)}`,
)

describe('pictures', () => {
  it('are known by their bytes', () => {
    expect(pictureTypeOf(png)).toBe('image/png')
    expect(pictureTypeOf(jpeg)).toBe('image/jpeg')
    expect(pictureTypeOf(latin('GIF89a\x10\0\x20\0'))).toBe('image/gif')
    expect(pictureTypeOf(latin('RIFF\0\0\0\0WEBPVP8X'))).toBe('image/webp')
    expect(pictureTypeOf(latin('\0\0\0\x20ftypavif\0\0\0\0'))).toBe('image/avif')
    expect(pictureTypeOf(utf8('<?xml version="1.0"?>\n<!-- drawn --><svg xmlns="x">'))).toBe('image/svg+xml')
  })

  it('are not seen in text and pages that only mention them', () => {
    expect(pictureTypeOf(utf8('BM is short for benchmark, and this goes on for a while.'))).toBeUndefined()
    expect(pictureTypeOf(utf8('<!doctype html><svg></svg>'))).toBeUndefined()
    expect(pictureTypeOf(new Uint8Array(0))).toBeUndefined()
  })

  // If this fails, a small file can make the window unpack gigabytes of pixels.
  it('tell their size before they are drawn', () => {
    expect(pixelsOf('image/png', png)).toEqual({ width: 65_535, height: 32_768 })
    expect(pixelsOf('image/jpeg', jpeg)).toEqual({ width: 640, height: 480 })
    expect(pixelsOf('image/gif', latin('GIF89a\x10\0\x20\x01'))).toEqual({ width: 16, height: 288 })
    expect(pixelsOf('image/png', png.subarray(0, 10))).toBeUndefined()
  })
})
