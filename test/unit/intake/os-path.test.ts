import { describe, expect, it } from 'vitest'
import { joinOsPath, showBytes, showOsPath, toFsPath } from '../../../src-main/intake/os-path'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

describe.runIf(process.platform !== 'win32')('paths of the system', () => {
  it('stay text as long as every name is text', () => {
    expect(joinOsPath('/a', 'b')).toBe('/a/b')
    expect(joinOsPath('/', 'b')).toBe('/b')
  })

  it('become bytes with the first name that is not, and keep the others exactly', () => {
    const directory = joinOsPath('/\u00e9', bytes('x\xff'))
    expect(directory).toEqual(Buffer.concat([Buffer.from('/\u00e9/x'), Buffer.from([0xff])]))
    expect(joinOsPath(directory, 'y')).toEqual(
      Buffer.concat([Buffer.from('/\u00e9/x'), Buffer.from([0xff]), bytes('/y')]),
    )
    expect(joinOsPath('/', bytes('\xff'))).toEqual(bytes('/\xff'))
  })

  it('survive a message channel, which makes plain byte arrays of them', () => {
    const sent = structuredClone(joinOsPath('/a', bytes('\xff')))
    expect(toFsPath(sent)).toEqual(bytes('/a/\xff'))
    expect(showOsPath(sent)).toBe('/a/\\xFF')
    expect(toFsPath('/a')).toBe('/a')
  })
})

describe('bytes shown as text', () => {
  it('escapes exactly what is not valid UTF-8', () => {
    expect(showBytes(Buffer.from('na\u00efve \u{1f600}'))).toBe('na\u00efve \u{1f600}')
    expect(showBytes(bytes('caf\xe9'))).toBe('caf\\xE9')
    // An overlong slash, half a character at the end, and a surrogate in UTF-8.
    expect(showBytes(bytes('\xc0\xaf'))).toBe('\\xC0\\xAF')
    expect(showBytes(bytes('a\xe2\x82'))).toBe('a\\xE2\\x82')
    expect(showBytes(bytes('\xed\xa0\x80'))).toBe('\\xED\\xA0\\x80')
    expect(showBytes(Buffer.concat([bytes('\xff'), Buffer.from('\u20ac')]))).toBe('\\xFF\u20ac')
  })
})
