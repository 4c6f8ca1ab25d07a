import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFile, dropFile, finishFile, writePiece, writeWholeFile } from '../../../src-main/outlet/write-file'
import { snapshot, someTime, temporaryFolder } from './extraction'

const attributes = { mode: 0o100640, mtimeNs: someTime }

function withCode(code: string): Error {
  return expect.objectContaining({ name: 'LmzError', code }) as Error
}

describe('a file written at once', () => {
  it('has its bytes, permissions and time, and no dangerous bits', () => {
    const path = join(temporaryFolder(), 'f')
    const data = Buffer.alloc(3_000_000, 'lmz')
    writeWholeFile(path, data, { mode: 0o107777, mtimeNs: someTime })
    const status = statSync(path, { bigint: true })
    expect(readFileSync(path).equals(data)).toBe(true)
    expect(status.mode & 0o7777n).toBe(0o777n)
    expect(status.mtimeNs / 1000n).toBe(someTime / 1000n)
  })

  it('can be empty, read-only, or closed to everyone', () => {
    const folder = temporaryFolder()
    writeWholeFile(join(folder, 'empty'), new Uint8Array(0), attributes)
    writeWholeFile(join(folder, 'closed'), Buffer.from('x'), { ...attributes, mode: 0 })
    expect(Object.keys(snapshot(folder)).sort()).toEqual(['/closed', '/empty'])
    expect(statSync(join(folder, 'closed')).mode & 0o777).toBe(0)
  })

  it('never touches what is there: a file, a folder, a link, a link to nothing', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), 'mine')
    mkdirSync(join(folder, 'folder'))
    symlinkSync('file', join(folder, 'link'))
    symlinkSync('nothing', join(folder, 'dangling'))
    const before = snapshot(folder)
    for (const name of ['file', 'folder', 'link', 'dangling']) {
      expect(() => writeWholeFile(join(folder, name), Buffer.from('x'), attributes)).toThrow(withCode('Collision'))
      expect(() => createFile(join(folder, name), 1)).toThrow(withCode('Collision'))
    }
    expect(snapshot(folder)).toEqual(before)
  })

  it('says what went wrong with the name of the entry, not with its staging path', () => {
    const path = join(temporaryFolder(), 'gone', 'f')
    const write = () => writeWholeFile(path, Buffer.from('x'), { ...attributes, displayPath: 'photos/a\u202e.jpg' })
    expect(write).toThrow('Cannot write photos/a\\u202e.jpg: its temporary place is gone.')
    expect(write).toThrow(withCode('Io'))
  })

  it.runIf(existsSync('/dev/full'))('reports a full disk as such', () => {
    // Pieces go into whatever createFile made; the full device stands in for it.
    expect(() => writePiece('/dev/full', 0, Buffer.from('x'), 'a')).toThrow(withCode('NoSpace'))
  })

  it('leaves nothing behind when writing fails half-way', () => {
    const folder = temporaryFolder()
    // A time that is no number makes the last step fail.
    const write = () => writeWholeFile(join(folder, 'f'), Buffer.from('x'), { mode: 0o644, mtimeNs: 'x' as never })
    expect(write).toThrow(withCode('Io'))
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a file written in pieces', () => {
  it('can take them in any order', () => {
    const path = join(temporaryFolder(), 'f')
    createFile(path, 10)
    writePiece(path, 5, Buffer.from('world'))
    writePiece(path, 0, Buffer.from('hello'))
    finishFile(path, { ...attributes, size: 10 })
    expect(readFileSync(path, 'utf8')).toBe('helloworld')
    expect(statSync(path).mode & 0o7777).toBe(0o640)
    expect(statSync(path, { bigint: true }).mtimeNs / 1000n).toBe(someTime / 1000n)
  })

  it.each([9, 11])('of 10 bytes does not pass for one of %d', (size) => {
    const path = join(temporaryFolder(), 'f')
    createFile(path, size)
    writePiece(path, 0, Buffer.from('helloworld'))
    expect(() => finishFile(path, { ...attributes, size })).toThrow(withCode('Corrupt'))
    dropFile(path)
    dropFile(path)
    expect(existsSync(path)).toBe(false)
  })

  it.each([-1, NaN, Infinity, 2 ** 53, 2 ** 63, 0.5])('is not begun with a size of %d', (size) => {
    const folder = temporaryFolder()
    expect(() => createFile(join(folder, 'f'), size)).toThrow(withCode('Limit'))
    expect(readdirSync(folder)).toEqual([])
  })

  it('is not continued through a link that took its place', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'canary'), 'mine')
    symlinkSync('canary', join(folder, 'f'))
    expect(() => writePiece(join(folder, 'f'), 0, Buffer.from('x'))).toThrow(withCode('Collision'))
    expect(() => finishFile(join(folder, 'f'), { ...attributes, size: 4 })).toThrow(withCode('Collision'))
    expect(readFileSync(join(folder, 'canary'), 'utf8')).toBe('mine')
  })
})
