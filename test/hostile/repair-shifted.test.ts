import { afterEach, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { fileBytes } from '../../src-main/archive/read-file'
import { craftArchive } from '../support/crafted-archive'
import { protectCrafted } from '../support/crafted-protected'
import { Random, seed } from '../support/random'
import { ScratchFile } from '../support/scratch-file'

describe('a protected archive that lost its first bytes', () => {
  const scratch = new ScratchFile()
  afterEach(() => scratch.close())

  it('is read, also where zeros stood across the new start: they were looked for before the first byte', async () => {
    const random = new Random(seed)
    const files = { zeros: new Uint8Array(800), noise: random.bytes(3000) }
    const crafted = craftArchive({ blocks: [{ files }] })
    const { bytes } = await protectCrafted(crafted.bytes, crafted.footerPosition, { cellLength: 512 })
    // The second cell begins with zeros, and loses some of them.
    const archive = await Archive.open('cut.lmz', scratch.storageWith(bytes.subarray(600)))
    try {
      const found = [...archive.index.descendants(0)].map(({ id, name }) => [
        name,
        Buffer.concat([...fileBytes(archive, id)]),
      ])
      expect(Object.fromEntries(found)).toEqual({ zeros: Buffer.alloc(800), noise: files.noise })
    } finally {
      archive.close()
    }
  })
})
