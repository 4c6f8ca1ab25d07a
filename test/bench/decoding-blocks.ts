import { Archive } from '../../src-main/archive/archive'
import { BlockNeeds } from '../../src-main/archive/bases/block-needs'
import { decodePayload, readStoredBlock } from '../../src-main/archive/block-reader'
import { codecName } from '../../src-main/codecs/registry'

export interface Decoded {
  readonly count: number
  readonly bytes: number
  /** Of a processor, without waiting for one; without reading, and without decoding primers and bases. */
  readonly seconds: number
}

/** Decodes an archive's blocks. @param most raw bytes of each codec, at most */
export async function decodeBlocks(path: string, most: number): Promise<ReadonlyMap<string, Decoded>> {
  const archive = await Archive.open(path)
  const needs = new BlockNeeds()
  const sums = new Map<string, Decoded>()
  try {
    for (const block of archive.index.blocks()) {
      const name = codecName(block.codec)
      const sum = sums.get(name) ?? { count: 0, bytes: 0, seconds: 0 }
      if (sum.bytes >= most) continue
      const seconds = await archive.withBlock(block, async ({ block: located, archiveTag }) => {
        const { header, stored, primer, base } = readStoredBlock(archive.source, located, archiveTag, needs)
        const before = process.cpuUsage()
        decodePayload(stored, header, located.position, { primer, base })
        return Promise.resolve(process.cpuUsage(before).user / 1e6)
      })
      // The first block of a codec starts its kernel too.
      const isFirst = !sums.has(name)
      sums.set(
        name,
        isFirst ? sum : { count: sum.count + 1, bytes: sum.bytes + block.rawLength, seconds: sum.seconds + seconds },
      )
    }
  } finally {
    archive.close()
  }
  return sums
}
