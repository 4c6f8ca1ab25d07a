import { randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { ArchiveWriter } from '../../src-main/archive/archive-writer'
import { chunkHint } from '../../src-main/archive/packing/chunk-table'
import { packIndex } from '../../src-main/archive/index-frame'
import { diskStorage } from '../../src-main/archive/storage'
import { contentHashOf } from '../../src-main/format/frame'
import { IndexWriter } from '../../src-main/index/index-writer'
import { blake3 } from '../../src-main/kernels/blake3'

export interface LargeArchiveOptions {
  readonly files: number
  /** Files in a folder; all in one if there are fewer. */
  readonly filesInFolder: number
}

const filesInBlock = 1000
const mtimeNs = 1_763_700_000_000_000_000n
const words = 'report image draft Notes invoice photo scan letter Plan summary table chart index backup'.split(' ')
const extensions = ['txt', 'md', 'json', 'ts', 'png', 'csv']

/**
 * Writes a sound archive of many small files, which takes seconds where packing as many from a disk takes minutes. Names have
 * words, numbers and extensions, folders lie two deep, and about one file in ten equals another.
 */
export async function writeLargeArchive(path: string, { files, filesInFolder }: LargeArchiveOptions): Promise<void> {
  const writer = await ArchiveWriter.create(path, diskStorage, { mayReplace: true })
  const index = IndexWriter.create()
  index.setSetting('preset', 'fast')
  index.setSetting('blockSize', '1048576')
  const folder = { kind: 'directory', mode: 0o755, mtimeNs } as const
  let outer = 0
  let inner = 0
  for (let first = 0; first < files; first += filesInBlock) {
    const count = Math.min(filesInBlock, files - first)
    const chunks = Array.from({ length: count }, (_, at) => textOf(first + at))
    const raw = Buffer.concat(chunks)
    const stored = zstdCompressSync(raw)
    const hints = chunks.map((chunk) => ({ length: chunk.length, hint: chunkHint(blake3(chunk)) }))
    const block = { codec: 1, kind: 1, rawLength: raw.length, primer: undefined }
    const contentHash = contentHashOf(raw)
    const position = await writer.writeBlock(index.lastBlockId() + 1, { ...block, stored, contentHash }, hints)
    const chunkLengths = chunks.map(({ length }) => length)
    const { firstChunk } = index.addBlock({ ...block, position, storedLength: stored.length, chunkLengths })
    let content = 0
    for (let at = 0; at < count; at++) {
      const number = first + at
      if (number % (filesInFolder * 10) === 0) {
        outer = index.addEntry({ ...folder, parent: 0, name: `Part ${number / (filesInFolder * 10) + 1}` })
      }
      if (number % filesInFolder === 0) {
        inner = index.addEntry({ ...folder, parent: outer, name: `folder-${number / filesInFolder}` })
      }
      const size = chunkLengths[at] ?? 0
      if (at % 10 !== 9) content = index.addContent({ size, runs: [{ firstChunk: firstChunk + at, chunkCount: 1 }] })
      const mode = number % 50 === 0 ? 0o755 : 0o644
      const mtime = mtimeNs + BigInt((number * 7919) % 1_000_003) * 1_000_000_000n
      index.addEntry({ parent: inner, name: nameOf(number), kind: 'file', mode, mtimeNs: mtime, content })
    }
  }
  const frame = await packIndex(index)
  await writer.commit(frame)
  await frame.dispose()
  index.close()
}

/** Distinct names in no order. */
export function nameOf(number: number): string {
  const word = words[(number * 31) % words.length] ?? ''
  return `${word} ${(number * 7919) % 1_000_003}${number % 3 === 0 ? '_final' : ''}.${extensions[number % extensions.length] ?? ''}`
}

function textOf(number: number): Uint8Array {
  return Buffer.concat([Buffer.from(`File ${number}: ${nameOf(number)}\n`.repeat(1 + (number % 4))), randomBytes(6)])
}
