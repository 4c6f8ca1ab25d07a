import { describe, expect, it } from 'vitest'
import { escapeForDisplay } from '../../../src-main/contract/display-name'
import { numberedName, numberedNames } from '../../../src-main/outlet/numbered-name'
import { safeName, safeRawName } from '../../../src-main/outlet/safe-name'
import { smartFolder } from '../../../src-main/outlet/smart-folder'

describe('a numbered name', () => {
  it.each([
    ['photo.jpg', false, 'photo (2).jpg'],
    ['notes', false, 'notes (2)'],
    ['.profile', false, '.profile (2)'],
    ['archive.tar.gz', false, 'archive.tar (2).gz'],
    ['v1.2', true, 'v1.2 (2)'],
  ])('of %j (a folder: %s) is %j', (name, isDirectory, expected) => {
    expect(numberedName(safeName(name), 2, isDirectory)).toBe(expected)
  })

  it('stays within the longest name and cuts no character in half', () => {
    expect(numberedName(safeName(`${'é'.repeat(125)}.jpg`), 10, false)).toBe(`${'é'.repeat(123)} (10).jpg`)
    const cut = numberedName(safeName('a'.repeat(255)), 9999, false)
    expect(cut).toBe(`${'a'.repeat(248)} (9999)`)
  })

  it('keeps bytes that are not text', () => {
    const name = safeRawName(Buffer.from('\xff.x', 'latin1'))
    expect(numberedName(name, 3, false)).toEqual(Buffer.from('\xff (3).x', 'latin1'))
  })

  it('comes to an end in a folder that has them all', () => {
    let count = 0
    const countAll = () => {
      const names = numberedNames(safeName('a'), false)
      for (;;) count += names.next().value.length > 0 ? 1 : 0
    }
    expect(countAll).toThrow(expect.objectContaining({ code: 'Collision' }) as Error)
    expect(count).toBe(9998)
  })
})

describe('smart extraction', () => {
  it.each([
    ['photos.lmz', 2, 'photos'],
    ['photos.tar.lmz', 3, 'photos.tar'],
    ['/home/me/My Photos.LMZ', 2, 'My Photos'],
    ['photos.lmz', 1, undefined],
    ['photos.lmz', 0, undefined],
    ['photos', 2, 'photos-extracted'],
    ['.lmz', 2, 'archive'],
    ['...lmz', 2, 'archive'],
    ['C:x.lmz', 2, 'archive'],
  ])('of %j with %s items goes to the folder %j', (name, count, expected) => {
    expect(smartFolder(name, count, 'linux')).toBe(expected)
  })

  it('knows the paths and names of Windows', () => {
    expect(smartFolder('C:\\Users\\me\\con.lmz', 2, 'win32')).toBe('_con')
  })

  it('takes no more than two of a million names', () => {
    let taken = 0
    function* names(): Generator<string> {
      for (;;) yield `name ${(taken += 1)}`
    }
    expect(smartFolder('a.lmz', names())).toBe('a')
    expect(taken).toBe(2)
    expect(smartFolder('a.lmz', ['one'])).toBeUndefined()
  })
})

describe('a name shown to a person', () => {
  it('cannot move the cursor, start an escape sequence or turn the text around', () => {
    expect(escapeForDisplay('a\n\t\r\u0000\u001b[31m\u009b')).toBe('a\\n\\t\\r\\x00\\x1b[31m\\x9b')
    expect(escapeForDisplay('gpj.\u202eexe\u2066\u200f\u2028')).toBe('gpj.\\u202eexe\\u2066\\u200f\\u2028')
    expect(escapeForDisplay('\ud800a\udc00')).toBe('\\ud800a\\udc00')
  })

  it('is otherwise as it was', () => {
    for (const name of ['Grüße/日本語/👩‍👩‍👧.txt', 'a\\b', '<img src=x>', 'שלום']) expect(escapeForDisplay(name)).toBe(name)
  })
})
