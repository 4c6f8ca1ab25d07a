import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { fileBytes } from '../../src-main/archive/read-file'
import { LmzError } from '../../src-main/contract/error'
import type { ProtectionLevel } from '../../src-main/contract/protection'
import { memoryStorage } from '../support/in-memory-archive'
import { Random, seed } from '../support/random'

/** Every bit takes an hour; the suite flips some of them, or every LMZ_BIT_STEP-th. */
const step = process.env['LMZ_LONG'] === '1' ? 1 : Number(process.env['LMZ_BIT_STEP'] ?? 1979)
const timeout = 7_200_000

type Contents = ReadonlyMap<string, Buffer>

/** Files that can be read. @throws LmzError if the archive cannot be opened */
async function contentsOf(bytes: Uint8Array): Promise<Contents> {
  const archive = await Archive.open('flipped.lmz', memoryStorage(bytes))
  try {
    const contents = new Map<string, Buffer>()
    for (const entry of archive.index.descendants(0)) {
      if (entry.kind !== 'file') continue
      try {
        contents.set(archive.index.pathOf(entry.id).join('/'), Buffer.concat([...fileBytes(archive, entry.id)]))
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(LmzError)
      }
    }
    return contents
  } finally {
    archive.close()
  }
}

async function make(protection: ProtectionLevel | undefined): Promise<Buffer> {
  const random = new Random(seed)
  const folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
  try {
    mkdirSync(join(folder, 'in'))
    for (let n = 0; n < 4; n++) writeFileSync(join(folder, `in/noise-${n}`), random.bytes(13_000))
    writeFileSync(join(folder, 'in/text'), random.text(20_000))
    const path = join(folder, 'x.lmz')
    await createArchive(path, [join(folder, 'in')], { preset: 'fast', blockSize: 64 * 1024, protection })
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function isPartOf(part: Contents, whole: Contents): boolean {
  return [...part].every(([name, bytes]) => whole.get(name)?.equals(bytes) === true)
}

describe.each(['normal', undefined] as const)('an archive of 64 KiB with protection %s', (protection) => {
  let bytes: Buffer
  let whole: Contents

  beforeAll(async () => {
    bytes = await make(protection)
    whole = await contentsOf(bytes)
    expect(whole.size).toBe(5)
    expect(bytes.length).toBeGreaterThan(55_000)
  })

  it('gives no wrong byte with any one bit flipped, and with protection all the right ones', { timeout }, async () => {
    for (let bit = 0; bit < bytes.length * 8; bit += step) {
      const at = bit >> 3
      const mask = 1 << (bit & 7)
      bytes[at] = (bytes[at] ?? 0) ^ mask
      let contents: Contents | undefined
      try {
        contents = await contentsOf(bytes)
      } catch (thrown) {
        if (!(thrown instanceof LmzError)) throw thrown
      }
      bytes[at] = (bytes[at] ?? 0) ^ mask
      if (contents !== undefined && !isPartOf(contents, whole)) throw new Error(`bit ${bit}: wrong bytes came out`)
      if (protection !== undefined && contents?.size !== whole.size) throw new Error(`bit ${bit}: files were lost`)
    }
  })
})
