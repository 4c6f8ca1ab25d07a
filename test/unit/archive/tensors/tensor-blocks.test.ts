import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { addToArchive } from '../../../../src-main/archive/add'
import { Archive } from '../../../../src-main/archive/archive'
import { createArchive } from '../../../../src-main/archive/create'
import { archiveInfo } from '../../../../src-main/archive/info'
import { fileBytes } from '../../../../src-main/archive/read-file'
import { findEntry } from '../../../../src-main/archive/selection'
import { tensorPieces } from '../../../../src-main/archive/tensors/tensor-bytes'
import { TensorTable } from '../../../../src-main/archive/tensors/tensor-table'
import { verifyArchive } from '../../../../src-main/archive/verify'
import { chooseThreads } from '../../../../src-main/archive/workers/worker-pool'
import { countingStorage } from '../../../support/counting-storage'
import { password, stretchCost } from '../../../support/encrypted-archive'
import { Random } from '../../../support/random'
import { temporaryFolder } from '../../../support/temporary'
import {
  ggufFile,
  npyFile,
  npzFile,
  pytorchFile,
  safetensorsFile,
  type TensorToWrite,
  weights,
} from '../../../support/tensor-files'

const random = new Random(21)
const share = (): number => random.share()

/** Random bytes, as any that no codec shortens: what is stored is what is raw. */
function noise(name: string, shape: readonly number[]): TensorToWrite {
  return weights(name, 'I32', shape, share)
}

const model = [
  noise('embedding', [700, 1024]),
  noise('norm', [128]),
  noise('layer.weight', [300, 256]),
  noise('layer.bias', [256]),
  noise('head', [100, 700]),
]

afterEach(() => chooseThreads(0))

async function archiveOf(
  files: Readonly<Record<string, Uint8Array>>,
  options: Parameters<typeof createArchive>[2] = {},
): Promise<string> {
  const folder = temporaryFolder()
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  const path = join(folder, 'a.lmz')
  const sources = Object.keys(files).map((name) => join(folder, name))
  await createArchive(path, sources, { preset: 'fast', stretchCost, ...options })
  return path
}

function tableOf(archive: Archive, name: string): TensorTable {
  const table = TensorTable.open(archive, findEntry(archive, name).id)
  if (table === undefined) throw new Error(`${name} has tensors`)
  return table
}

/** Each large tensor begins a block, and what is decoded for it is little more than itself. */
function expectOwnBlocks(archive: Archive, table: TensorTable): void {
  for (const tensor of table.tensors.filter(({ bytes }) => bytes >= 64 * 1024)) {
    const ranges = [...table.ranges(tensor)]
    expect(ranges[0]?.from, tensor.name).toBe(0)
    const decoded = ranges.reduce((sum, { block }) => sum + archive.index.block(block).rawLength, 0)
    expect(decoded - tensor.bytes, tensor.name).toBeLessThan(8 * 1024)
  }
}

describe('a large tensor begins a block: to read one, its neighbours would be read too', () => {
  it.each([
    ['safetensors', safetensorsFile(model)],
    ['gguf', ggufFile(model.map((tensor) => ({ ...tensor, type: 'F32' as const })))],
    ['npz', npzFile(model)],
    ['pt', pytorchFile(model.map((tensor) => ({ ...tensor, type: 'F32' as const })))],
  ])(
    '%s',
    async (extension, file) => {
      for (const preset of ['fast', 'balanced'] as const) {
        const archive = await Archive.open(await archiveOf({ [`model.${extension}`]: file }, { preset }))
        const table = tableOf(archive, `model.${extension}`)
        expect(table.tensors).toHaveLength(model.length)
        expectOwnBlocks(archive, table)
        for (const [number, { data }] of model.entries()) {
          const tensor = table.tensor(number)
          expect(Buffer.compare(Buffer.concat([...tensorPieces(archive, table, tensor)]), data)).toBe(0)
        }
        archive.close()
      }
    },
    30_000,
  )

  it('also in files that are read in several segments', async () => {
    const large = [noise('first', [100]), noise('across', [2500, 1000]), noise('last', [500, 300])]
    const file = safetensorsFile(large)
    const archive = await Archive.open(await archiveOf({ 'large.safetensors': file }))
    const table = tableOf(archive, 'large.safetensors')
    expectOwnBlocks(archive, table)
    expect(
      Buffer.compare(Buffer.concat([...fileBytes(archive, findEntry(archive, 'large.safetensors').id)]), file),
    ).toBe(0)
    archive.close()
  })

  it('a file that is one tensor is read with one block, its header included', async () => {
    const files = Object.fromEntries(
      [1, 2, 3].map((number) => [`${number}.npy`, npyFile({ ...noise('', [200, 150]), type: 'I32' })]),
    )
    const archive = await Archive.open(await archiveOf(files))
    const blocks = Object.keys(files).map((name) => {
      const table = tableOf(archive, name)
      return new Set(
        [...table.ranges({ ...table.tensor(0), offset: 0, bytes: files[name]?.length ?? 0 })].map(({ block }) => block),
      )
    })
    for (const each of blocks) expect(each.size).toBe(1)
    expect(new Set(blocks.flatMap((each) => [...each])).size).toBe(3)
    archive.close()
  })
})

it('equal tensors are stored once, whatever files they are in and wherever: fine-tunes would cost their whole size', async () => {
  const first = safetensorsFile(model)
  const path = await archiveOf({ 'a.safetensors': first })
  const tuned = [...model.slice(0, 4), noise('head', [100, 700]), noise('adapter', [64, 300])]
  const folder = temporaryFolder()
  const others: Record<string, Buffer> = {
    'b.safetensors': safetensorsFile(tuned, { note: 'another header, so all offsets are others' }),
    'c.pt': pytorchFile(model.map((tensor) => ({ ...tensor, type: 'F32' as const }))),
  }
  for (const [name, bytes] of Object.entries(others)) writeFileSync(join(folder, name), bytes)
  await addToArchive(
    path,
    Object.keys(others).map((name) => join(folder, name)),
  )
  const archive = await Archive.open(path)
  const added = archiveInfo(archive).uniqueBytes - first.length
  const isNew = 100 * 700 * 4 + 64 * 300 * 4
  // Headers, descriptions and small tensors beside them.
  expect(added - isNew).toBeLessThan(8 * 1024)
  for (const [name, bytes] of Object.entries(others)) {
    expect(Buffer.compare(Buffer.concat([...fileBytes(archive, findEntry(archive, name).id)]), bytes)).toBe(0)
  }
  archive.close()
})

it('the same input gives the same blocks, however many threads read it: archives could not be compared', async () => {
  const files = {
    'a.safetensors': safetensorsFile([...model, noise('across', [2500, 1000])]),
    'b.npz': npzFile(model.slice(1)),
  }
  const blocksWith = async (threads: number): Promise<readonly unknown[]> => {
    chooseThreads(threads)
    const archive = await Archive.open(await archiveOf(files))
    const blocks = [...archive.index.blocks()].map(({ id, rawLength, storedLength }) => [id, rawLength, storedLength])
    archive.close()
    return blocks
  }
  expect(await blocksWith(4)).toEqual(await blocksWith(1))
})

it('an encrypted archive keeps them as well', async () => {
  const path = await archiveOf({ 'model.safetensors': safetensorsFile(model) }, { password })
  expect((await verifyArchive(path, { password })).damagedFiles).toBe(0)
  const archive = await Archive.open(path, undefined, { password })
  expectOwnBlocks(archive, tableOf(archive, 'model.safetensors'))
  archive.close()
})

it('for one tensor, little more than its stored bytes are read: looking into a large model would take minutes', async () => {
  const path = await archiveOf(
    { 'model.safetensors': safetensorsFile(model), 'other.npz': npzFile(model) },
    { preset: 'balanced' },
  )
  const { storage, bytesRead } = countingStorage()
  const archive = await Archive.open(path, storage)
  const afterOpening = bytesRead()
  const table = tableOf(archive, 'model.safetensors')
  const [number] = table.tensors.flatMap(({ name }, at) => (name === 'layer.weight' ? [at] : []))
  const row = table.row(number ?? -1)
  expect(
    Buffer.compare(
      Buffer.concat([...tensorPieces(archive, table, table.tensor(row.number))]),
      model[2]?.data ?? Buffer.alloc(0),
    ),
  ).toBe(0)
  expect(bytesRead() - afterOpening).toBeLessThan(1.5 * row.stored)
  expect(row.readBytes).toBeLessThan(1.05 * row.stored)
  archive.close()
})
