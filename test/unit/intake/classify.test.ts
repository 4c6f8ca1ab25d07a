import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { classify } from '../../../src-main/intake/classify'
import { pseudoRandomBytes } from './pseudo-random-bytes'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const zeros = (length: number): Buffer => Buffer.alloc(length)

const prose = `It was a bright cold day in April, and the clocks were striking thirteen. The hallway smelt of boiled
cabbage and old rag mats. At one end of it a coloured poster, too large for indoor display, had been tacked to the wall.
It depicted simply an enormous face, more than a metre wide: the face of a man of about forty-five.
`
const python = `class Heap:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)
        self._up(len(self.items) - 1)

    def _up(self, at):
        while at > 0 and self.items[at] < self.items[(at - 1) // 2]:
            at = (at - 1) // 2
`

describe('classification of text', () => {
  it.each([
    ['a.md', '# Title\n\nWords, and more words.\n', 'text'],
    ['a.ts', 'export const a = 1\n', 'code'],
    ['A.JSON', '{}', 'structured'],
    ['page.html', '<p>Hello</p>', 'structured'],
    ['Makefile', 'all:\n\tcc x.c\n', 'code'],
    ['Dockerfile', 'FROM debian\n', 'code'],
    ['LICENSE', 'Permission is hereby granted\n', 'text'],
    ['README', 'Read me.\n', 'text'],
    ['.gitignore', 'out/\n', 'structured'],
    ['constructor', prose, 'text'],
    ['empty.rs', '', 'code'],
    ['empty', '', 'text'],
  ])('%s goes by its name', (name, text, kind) => {
    expect(classify(Buffer.from(text), name)).toBe(kind)
  })

  it.each([
    ['prose', prose, 'text'],
    ['one line', 'just a note', 'text'],
    ['Chinese prose', '\u8fd9\u662f\u4e00\u4e2a\u6545\u4e8b\u3002'.repeat(100), 'text'],
    ['a shell script', '#!/bin/sh\necho hello\n', 'code'],
    ['Python', python, 'code'],
    ['C', '#include <stdio.h>\nint main(void) {\n  return 0;\n}\n', 'code'],
    ['JSON', '{\n  "a": [1, 2, 3]\n}', 'structured'],
    ['XML with a byte order mark', '\ufeff<?xml version="1.0"?><a/>', 'structured'],
    ['CSV', 'name,year,city\nAda,1815,London\nAlan,1912,London\nGrace,1906,New York\n', 'structured'],
    ['key and value', 'host: example.org\nport: 80\nuser: me\nname: Test\n', 'structured'],
    [
      'a log',
      Array.from({ length: 9 }, (_, index) => `2024-01-0${index} 10:00:0${index} INFO started worker ${index}`).join(
        '\n',
      ),
      'structured',
    ],
    ['an ASCII PDF', '%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n', 'compressed'],
  ])('%s without a telling name goes by its look', (_, text, kind) => {
    expect(classify(Buffer.from(text), 'unnamed')).toBe(kind)
  })

  it('is text in UTF-16 and in older encodings too', () => {
    const utf16 = Buffer.from(`\ufeff${prose}`, 'utf16le')
    expect(classify(utf16, 'novel')).toBe('text')
    expect(classify(Buffer.from(utf16).swap16(), 'novel')).toBe('text')
    expect(classify(Buffer.from(`\ufeff{"a": 1}`, 'utf16le'), 'export')).toBe('structured')
    expect(classify(bytes(prose.replaceAll('a', '\xe4')), 'novel.txt')).toBe('text')
  })

  it('stays text where the head ends inside a character', () => {
    const text = Buffer.from('\u6545\u4e8b'.repeat(2000))
    for (const cut of [1, 2, 3]) expect(classify(text.subarray(0, text.length - cut), 'x')).toBe('text')
  })

  it('answers at once for any text, so that hostile lines cannot hold up a worker', () => {
    for (const unit of [' ', 'a ', '- ', '"', '\\"', '[', '(', 'a:', '<a ', '0', '.', '\t', '=']) {
      for (const head of ['', '<a', '[', '{"', '[1']) {
        expect(classify(Buffer.from(head + unit.repeat(16_000)), 'x')).toBeTypeOf('string')
      }
    }
  })
})

describe('classification of binary content', () => {
  it.each([
    ['photo.txt', '\xff\xd8\xff\xe0\0\x10JFIF\0', 'media'],
    ['x', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'media'],
    ['x', 'GIF89a\x01\0\x01\0', 'media'],
    ['x', '\0\0\0\x20ftypisom\0\0', 'media'],
    ['x.mp3', '\xff\xfb\x90\0\0\0', 'media'],
    ['x', 'BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0', 'image'],
    ['x', 'II*\0\x08\0\0\0', 'image'],
    ['x', 'P6\n2 2\n255\n\0\xff\0\xff', 'image'],
    ['x', '\x7fELF\x02\x01\x01\0', 'executable'],
    ['x', 'MZ\x90\0\x03\0\0\0', 'executable'],
    ['x', '\0asm\x01\0\0\0', 'executable'],
    ['x', '\xcf\xfa\xed\xfe\x07\0\0\x01', 'executable'],
    ['x.pyc', '\xcb\x0d\x0d\x0a\0\0\0\0\0\0\0\0\0\0\0\0\xe3', 'executable'],
    ['x', '7z\xbc\xaf\x27\x1c\0\x04', 'compressed'],
    ['x', '\xfd7zXZ\0\0\x04', 'compressed'],
    ['x', '\x28\xb5\x2f\xfd\0', 'compressed'],
    ['x.lmz', '\xd3LMZ\r\n\x1a\n\x01\0\0\0', 'compressed'],
    ['x', '\x93NUMPY\x01\0v\0{', 'tensor'],
    ['x', 'GGUF\x03\0\0\0', 'tensor'],
    ['x', '\x40\0\0\0\0\0\0\0{"__metadata__":{}}', 'tensor'],
    ['model.onnx', '\x08\x07\x12\x07pytorch\0', 'tensor'],
    ['x', 'SQLite format 3\0\x10\0', 'binary'],
    ['x', 'RIFF\x24\0\0\0WAVEfmt \0', 'binary'],
  ])('%s with %j', (name, head, kind) => {
    expect(classify(bytes(head), name)).toBe(kind)
  })

  it('tells arrays stored in a zip archive from compressed ones', () => {
    const zip = (method: number, name: string): Buffer =>
      Buffer.concat([
        bytes('PK\x03\x04\x14\0\0\0'),
        Buffer.from([method, 0]),
        zeros(16),
        Buffer.from([name.length, 0, 0, 0]),
        Buffer.from(name),
        zeros(40),
      ])
    expect(classify(zip(0, 'weights.npy'), 'x.npz')).toBe('tensor')
    expect(classify(zip(8, 'weights.npy'), 'x.npz')).toBe('compressed')
    expect(classify(zip(0, 'archive/data.pkl'), 'x.pt')).toBe('tensor')
    expect(classify(zip(8, 'word/document.xml'), 'x.docx')).toBe('compressed')
  })

  it('asks the library for formats of which there are few', async () => {
    expect(await classify(bytes('wOF2\0\x01\0\0\0\0\0\0'), 'x')).toBe('compressed')
    expect(await classify(bytes('FLIF\x44\x31\0\0\0\0'), 'x')).toBe('media')
    expect(await classify(bytes('icns\0\0\x10\0\0\0'), 'x')).toBe('image')
    expect(await classify(bytes('LZIP\x01\x0c\0\0\0\0'), 'x')).toBe('compressed')
  })

  it('knows encrypted and compressed streams without a signature from plain binary data', async () => {
    const stream = deflateRawSync(Buffer.concat([pseudoRandomBytes(40_000), Buffer.from(prose.repeat(20))]))
    expect(await classify(stream.subarray(100, 16_000), 'x')).toBe('compressed')
    const records = Buffer.alloc(16_000)
    for (let at = 0; at < records.length; at += 8) records.writeDoubleLE(Math.sin(at), at)
    expect(await classify(records, 'x')).toBe('binary')
    expect(await classify(zeros(5000), 'x')).toBe('binary')
  })

  it('never fails, whatever the bytes', async () => {
    const seed = pseudoRandomBytes(64 * 1024)
    for (let at = 0; at < 400; at++) {
      const head = Buffer.from(seed.subarray(at * 100, at * 100 + (at % 97)))
      if (at % 3 === 0 && head.length > 8) head.set(gzipSync('').subarray(0, 4))
      expect(await classify(head, 'x')).toBeTypeOf('string')
    }
  })
})
