import { describe, expect, it } from 'vitest'
import { lengthOfStem, nameProblem } from '../../../src-renderer/archive/dialogs/entry-name'
import { cutStart } from '../../../src-renderer/archive/list/cut-name'
import { nameParts } from '../../../src-renderer/archive/place-text'
import { bytesAPiece, FileBytes } from '../../../src-renderer/archive/preview/file-bytes'
import { textParts } from '../../../src-renderer/archive/preview/text-parts'

/** A file, and which parts of it were read. */
function fileOf(content: Uint8Array) {
  const reads: { offset: number; length: number }[] = []
  const bytes = new FileBytes(content.length, (offset, length) => {
    reads.push({ offset, length })
    return Promise.resolve(content.subarray(offset, offset + length))
  })
  return { bytes, reads }
}

// If this fails, the preview of a large file reads all of it, or shows another file's bytes.
describe('the bytes of a file', () => {
  it('are read in pieces, each once', async () => {
    const content = Uint8Array.from({ length: bytesAPiece * 2 + 10 }, (_, at) => at & 0xff)
    const { bytes, reads } = fileOf(content)
    expect(await bytes.piece(2)).toEqual(content.subarray(bytesAPiece * 2))
    await bytes.piece(2)
    expect(reads).toEqual([{ offset: bytesAPiece * 2, length: 10 }])
    expect(await bytes.whole()).toEqual(content)
    expect(reads).toHaveLength(3)
  })

  it('are of no use once another file is shown, even if they arrive', async () => {
    let answer: (bytes: Uint8Array) => void = () => undefined
    const bytes = new FileBytes(10, () => new Promise((resolve) => (answer = resolve)))
    const piece = bytes.piece(0)
    bytes.close()
    answer(new Uint8Array(10))
    await expect(piece).rejects.toMatchObject({ code: 'Cancelled' })
    await expect(bytes.piece(0)).rejects.toMatchObject({ code: 'Cancelled' })
  })

  it('are asked for again after a failure', async () => {
    let tries = 0
    const bytes = new FileBytes(4, () =>
      ++tries === 1 ? Promise.reject(new Error('busy')) : Promise.resolve(new Uint8Array(4)),
    )
    await expect(bytes.piece(0)).rejects.toThrow('busy')
    expect(await bytes.piece(0)).toHaveLength(4)
  })
})

describe('text', () => {
  it('comes in parts that end with lines, and is whole in the end', async () => {
    const text = Array.from({ length: 40_000 }, (_, line) => `Zeile ${line}: größer\n`).join('')
    const { bytes, reads } = fileOf(new TextEncoder().encode(text))
    const parts: string[] = []
    for await (const part of textParts(bytes, 'utf-8')) {
      parts.push(part)
      // Only as much is read as is asked for.
      if (parts.length === 1) expect(reads).toHaveLength(1)
    }
    expect(parts.join('')).toBe(text)
    expect(parts.every((part) => part.endsWith('\n') && part.length <= 16_384)).toBe(true)
  })

  it('is cut within long lines, but never within a character', async () => {
    const text = `a${'🦊'.repeat(200_000)}`
    const { bytes } = fileOf(new TextEncoder().encode(text))
    const parts: string[] = []
    for await (const part of textParts(bytes, 'utf-8')) parts.push(part)
    expect(parts.join('')).toBe(text)
    expect(parts.some((part) => /\p{Surrogate}/u.test(part))).toBe(false)
  })
})

describe('names', () => {
  it('keep their ends in sight, and are shown as they are', () => {
    expect(nameParts('short.txt')).toEqual({ start: 'short.txt', end: '' })
    const long = nameParts('a very long name of a report from last year.pdf')
    expect(long.start + long.end).toBe('a very long name of a report from last year.pdf')
    expect(long.end).toMatch(/\.pdf$/)
    expect(nameParts('evil\u202egnp.exe').start).toBe('evil\\u202egnp.exe')
  })

  it('are not parted within a character or before its marks', () => {
    for (const name of ['🦊'.repeat(20), 'e\u0301'.repeat(30), '👩\u200d🚀'.repeat(12)]) {
      const { start, end } = nameParts(name)
      expect(start + end).toBe(name)
      expect(/^(?:[\udc00-\udfff]|\u0301|\u200d)/.test(end)).toBe(false)
      expect(/\u200d$/.test(start)).toBe(false)
    }
  })

  it('are refused as the engine would', () => {
    expect(nameProblem('report.txt')).toBeUndefined()
    expect(nameProblem('')).toBe('empty')
    expect(nameProblem('..')).toBe('dots')
    expect(nameProblem('a/b')).toBe('slash')
    expect(nameProblem('a\0b')).toBe('slash')
    expect(nameProblem('\ud800')).toBe('unicode')
  })

  it('are changed but for their ending', () => {
    expect(lengthOfStem('report.tar.gz', false)).toBe('report.tar'.length)
    expect(lengthOfStem('.bashrc', false)).toBe('.bashrc'.length)
    expect(lengthOfStem('folder.d', true)).toBe('folder.d'.length)
  })
})

// If this fails, long names show gaps that are not in them, or lose more than has to be left out.
describe('a name that is too long for its room', () => {
  /** Every character is ten pixels wide, as in a typewriter's font. */
  const measure = (text: string): number => text.length * 10
  const parts = nameParts('A report on how things go on and on.pdf')

  it('is left whole where there is room', () => {
    expect(cutStart(parts, 390, measure)).toBeUndefined()
  })

  it('fills its room, without a space before the mark of what was left out', () => {
    expect(parts.end).toBe('and on.pdf')
    expect(cutStart(parts, 240, measure)).toBe('A report on h…')
    expect(cutStart(parts, 230, measure)).toBe('A report on…')
    expect(cutStart(parts, 220, measure)).toBe('A report on…')
  })

  it('is not cut within a character', () => {
    const flags = nameParts(`${'🇩🇪'.repeat(12)} and no end.txt`)
    for (let room = 130; room < 500; room += 10) {
      expect(cutStart(flags, room, measure) ?? '').not.toMatch(/[\ud800-\udbff]…$/)
    }
  })

  it('is left to the browser where there is room for nothing', () => {
    expect(cutStart(parts, 100, measure)).toBeUndefined()
  })
})
