import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Archive } from '../../../src-main/archive/archive'
import { ArchiveWriter } from '../../../src-main/archive/archive-writer'
import { packIndex } from '../../../src-main/archive/index-frame'
import { JobControl } from '../../../src-main/archive/job-control'
import { packReport } from '../../../src-main/archive/pack-report'
import { Packer } from '../../../src-main/archive/packing/packer'
import { PrimerShelf } from '../../../src-main/archive/primer/shelf'
import { diskStorage } from '../../../src-main/archive/storage'
import type { EncodeInput, EncodeResult } from '../../../src-main/archive/workers/tasks'
import type { WorkerPool } from '../../../src-main/archive/workers/worker-pool'
import { encodeBlock } from '../../../src-main/codecs/encode-block'
import { zstd } from '../../../src-main/codecs/zstd/zstd'
import { contentHashOf } from '../../../src-main/format/frame'
import { IndexWriter } from '../../../src-main/index/index-writer'
import { temporaryFolder } from '../../support/temporary'

/** What a worker would do had it a codec that gives back other bytes than it was given. */
async function encodeBadly({ buffer, length, kind }: EncodeInput): Promise<EncodeResult> {
  const raw = new Uint8Array(buffer, 0, length)
  const forgetful = { ...zstd, name: 'forgetful', decode: () => new Uint8Array(length) }
  const { codec, stored, isPrimed, rejected } = await encodeBlock(raw, { kind: 'text' }, [
    { codec: forgetful, effort: 3 },
  ])
  const contentHash = contentHashOf(raw)
  raw.set(stored)
  const result = { codec: codec.number, kind, rawLength: length, storedLength: stored.length, isPrimed }
  return { ...result, contentHash, rejected: rejected?.toData() }
}

it('tells once of a codec that does not reproduce blocks, which are whole all the same: a defect would stay unknown', async () => {
  const path = join(temporaryFolder(), 'a.lmz')
  const writer = await ArchiveWriter.create(path, diskStorage, { mayReplace: false })
  const index = IndexWriter.create()
  const control = new JobControl({})
  const packer = new Packer({
    pool: { size: 1, run: (_name: string, input: EncodeInput) => encodeBadly(input) } as unknown as WorkerPool,
    writer,
    index,
    shelf: new PrimerShelf(writer, index),
    control,
    blockSize: 65_536,
    sizesOf: () => ({ large: 65_536, shared: 65_536, separateFrom: 65_536 }),
    candidates: [],
    onStored: () => undefined,
  })
  const text = Buffer.from('the same words again and again\n'.repeat(1000))
  for (const number of [1, 2, 3]) {
    await packer.add('text', { number, hint: 0n }, text)
    await packer.separate('text', undefined, 1)
  }
  await packer.finish()
  const frame = await packIndex(index)
  await writer.commit(frame)
  await frame.dispose()
  index.close()
  const { notices } = await packReport(path, control, 0, diskStorage)
  expect(notices).toHaveLength(1)
  expect(notices[0]).toMatch(/^The codec forgetful did not reproduce a block.*no data is at risk/)
  const archive = await Archive.open(path)
  for (const { id } of archive.index.blocks()) expect(Buffer.compare(archive.readBlock(id), text)).toBe(0)
  expect(archive.index.totals().blocks).toBe(3)
  archive.close()
})
