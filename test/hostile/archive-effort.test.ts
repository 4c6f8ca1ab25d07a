import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { diskStorage, type Storage } from '../../src-main/archive/storage'
import { LmzError } from '../../src-main/contract/error'
import { encodeFooter } from '../../src-main/format/footer'
import { archiveTagOf, encodeFrameHeader, frameTypes } from '../../src-main/format/frame'
import { craftArchive, idOfA } from '../support/crafted-archive'
import { temporaryFolder } from '../support/temporary'

/** The disk, with a count of what is read through it. */
class CountingStorage implements Storage {
  readonly #disk = diskStorage
  bytesRead = 0

  openSource(path: string): ReturnType<Storage['openSource']> {
    const source = this.#disk.openSource(path)
    const read = source.read.bind(source)
    const counted = (position: number, length: number): Uint8Array => {
      this.bytesRead += length
      return read(position, length)
    }
    return Object.defineProperty(source, 'read', { value: counted })
  }

  openForAppend(path: string): ReturnType<Storage['openForAppend']> {
    return this.#disk.openForAppend(path)
  }

  createSink(path: string): ReturnType<Storage['createSink']> {
    return this.#disk.createSink(path)
  }

  rename(from: string, target: string): Promise<void> {
    return this.#disk.rename(from, target)
  }

  renameNew(from: string, target: string): Promise<void> {
    return this.#disk.renameNew(from, target)
  }

  remove(path: string): Promise<void> {
    return this.#disk.remove(path)
  }
}

/** Opens bytes that are no archive. @returns how often each of them was read */
async function effortToRefuse(bytes: Buffer): Promise<number> {
  const path = join(temporaryFolder(), 'endless.lmz')
  writeFileSync(path, bytes)
  const storage = new CountingStorage()
  await expect(Archive.open(path, storage)).rejects.toBeInstanceOf(LmzError)
  expect(readFileSync(path).equals(bytes)).toBe(true)
  return storage.bytesRead / bytes.length
}

describe('a file made to keep its reader busy', () => {
  const archiveTag = archiveTagOf(idOfA)
  const fields = { codec: 1, archiveTag, id: 1, rawLength: 5, storedLength: 5, contentHash: Buffer.alloc(16) }
  const count = 20_000

  it('of frames with a byte of junk between them is refused after a reasonable amount of reading', async () => {
    const one = Buffer.concat([encodeFrameHeader({ ...fields, type: frameTypes.block }), Buffer.from('x')])
    expect(await effortToRefuse(Buffer.concat(Array.from({ length: count }, () => one)))).toBeLessThan(200)
  })

  it('of indexes that are all damaged is refused after a hundred of them', async () => {
    const one = Buffer.concat([encodeFrameHeader({ ...fields, type: frameTypes.index }), Buffer.from('12345')])
    expect(await effortToRefuse(Buffer.concat(Array.from({ length: count }, () => one)))).toBeLessThan(200)
  })

  it('of commits whose index is damaged is refused after a hundred of them', async () => {
    const { bytes, indexPosition, footerPosition } = craftArchive({ blocks: [{ files: { a: Buffer.from('a') } }] })
    const body = Buffer.from(bytes.subarray(0, footerPosition)).fill(0, indexPosition + 64)
    const version = { major: 1, minor: 0, features: 0, archiveId: idOfA, timeMs: 0, keySlots: 0 }
    const previous = { position: 0, hash: new Uint8Array(16) }
    const hash = Buffer.from(bytes.subarray(indexPosition + 28, indexPosition + 44))
    const index = { position: indexPosition, length: footerPosition - indexPosition, hash }
    const footers = Array.from({ length: 5000 }, (_, at) => {
      return encodeFooter({ ...version, sequence: at + 1, index, previous, position: body.length + 208 * at })
    })
    expect(await effortToRefuse(Buffer.concat([body, ...footers]))).toBeLessThan(200)
  })
})
