import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSamples } from '../../../src-main/intake/sample'
import { temporaryFolder } from '../../support/temporary'

describe('readSamples', () => {
  it('reads stretches one behind the other and says what their files are', async () => {
    const folder = temporaryFolder()
    const text = 'Some words of a file that is long enough to tell. '.repeat(20)
    writeFileSync(join(folder, 'a.md'), text)
    writeFileSync(join(folder, 'b.csv'), 'x,y\n1,2\n3,4\n')
    const buffer = new Uint8Array(30)
    const kinds = await readSamples(
      [
        { path: join(folder, 'a.md'), size: text.length, offset: 5, length: 10 },
        { path: join(folder, 'b.csv'), size: 12, offset: 0, length: 12 },
      ],
      buffer,
    )
    expect(kinds).toEqual(['text', 'structured'])
    expect(Buffer.from(buffer.subarray(0, 22)).toString()).toBe(`${text.slice(5, 15)}x,y\n1,2\n3,4\n`)
  })

  it('passes over what cannot be read, has another size or is a link by now', async () => {
    const folder = temporaryFolder()
    for (const name of ['gone', 'grown', 'linked', 'fine.md']) writeFileSync(join(folder, name), 'twelve bytes')
    rmSync(join(folder, 'gone'))
    writeFileSync(join(folder, 'grown'), 'twelve bytes and more')
    rmSync(join(folder, 'linked'))
    symlinkSync('fine.md', join(folder, 'linked'))
    const requests = ['gone', 'grown', 'linked', 'fine.md'].map((name) => {
      return { path: join(folder, name), size: 12, offset: 0, length: 12 }
    })
    const buffer = new Uint8Array(48)
    expect(await readSamples(requests, buffer)).toEqual([undefined, undefined, undefined, 'text'])
    expect(Buffer.from(buffer.subarray(36)).toString()).toBe('twelve bytes')
  })
})
