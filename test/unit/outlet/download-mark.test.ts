import { describe, expect, it } from 'vitest'
import { quarantine } from '../../../src-main/outlet/download-mark/quarantine'
import { systemMarks } from '../../../src-main/outlet/download-mark/system-marks'
import { zoneMark } from '../../../src-main/outlet/download-mark/zone-identifier'

describe('the zone of a file from an archive', () => {
  it.each([
    ['[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.org/a.lmz\r\n', '3'],
    ['[ZoneTransfer]\r\nReferrerUrl=https://example.org/\r\nZoneId=4\r\n', '4'],
    ['[ZoneTransfer]\nzoneid = 1\n', '1'],
    ['[ZoneTransfer]\r\nZoneId=0', '0'],
  ])('is that of the archive, without the addresses it came from: %j', (mark, zone) => {
    expect(zoneMark(mark)).toBe(`[ZoneTransfer]\r\nZoneId=${zone}\r\n`)
  })

  it.each(['', 'ZoneId=', 'ZoneId=9', 'ZoneId=33', 'HostUrl=x?ZoneId=0', '\0\0\0', 'Zone'])(
    'is the Internet where the mark cannot be read: a garbled one would make files trusted: %j',
    (mark) => {
      expect(zoneMark(mark)).toBe('[ZoneTransfer]\r\nZoneId=3\r\n')
    },
  )
})

describe('quarantine on macOS', () => {
  const mark = '0083;65f2c6a1;Safari;8F3A0B52-5C1E-4C43-8F3B-6B1D0C2B3A41'

  it('keeps the program and the id of the download, and marks links themselves', () => {
    const calls: (readonly string[])[] = []
    const store = quarantine((parameters) => {
      calls.push(parameters)
      return { status: 0, output: `${mark}\n`, said: '' }
    })
    const read = store.read('/Downloads/a.lmz')
    expect(read).toBe(mark)
    store.write(['/out/a', '/out/b'], read ?? '')
    expect(calls).toEqual([
      ['-p', 'com.apple.quarantine', '/Downloads/a.lmz'],
      ['-s', '-w', 'com.apple.quarantine', mark, '/out/a', '/out/b'],
    ])
  })

  it('marks any number of files, in calls that the system takes', () => {
    const lengths: number[] = []
    const marked = new Set<string>()
    const store = quarantine((parameters) => {
      lengths.push(Buffer.byteLength(parameters.join(' ')))
      for (const path of parameters.slice(4)) marked.add(path)
      return { status: 0, output: '', said: '' }
    })
    store.write(
      Array.from({ length: 5000 }, (_none, at) => `/out/${'é'.repeat(60)}/${at}`),
      mark,
    )
    expect(marked.size).toBe(5000)
    expect(Math.max(...lengths)).toBeLessThan(200_000)
  })

  it('tells a file without the mark from one that cannot be asked', () => {
    const without = quarantine(() => ({
      status: 1,
      output: '',
      said: 'xattr: a.lmz: No such xattr: com.apple.quarantine',
    }))
    expect(without.read('a.lmz')).toBeUndefined()
    const failing = quarantine(() => ({ status: 1, output: '', said: 'xattr: [Errno 1] Operation not permitted' }))
    expect(() => failing.read('a.lmz')).toThrow('Operation not permitted')
    expect(() => failing.write(['a'], mark)).toThrow('Operation not permitted')
  })
})

it('each system has its own marks; Linux has none', () => {
  expect(systemMarks('win32')?.marksAll).toBe(false)
  expect(systemMarks('darwin')?.marksAll).toBe(true)
  expect(systemMarks('linux')).toBeUndefined()
})
