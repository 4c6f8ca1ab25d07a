import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { fileBytes } from '../../src-main/archive/read-file'
import { findEntry } from '../../src-main/archive/selection'
import { readLayout } from '../../src-main/intake/tensors/read-layout'
import { readNow } from '../../src-main/intake/tensors/reading'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'
import {
  ggufFile,
  npyFile,
  npzFile,
  onnxFile,
  pytorchFile,
  rawNpy,
  rawSafetensors,
  safetensorsFile,
  weights,
  zipFile,
} from '../support/tensor-files'

const random = new Random(11)
const share = (): number => random.share()
const usual = [weights('a', 'F32', [40, 20], share), weights('b', 'F32', [200], share)]
const data = Buffer.concat(usual.map((tensor) => tensor.data))

function isRefused(file: Uint8Array): boolean {
  return readNow(readLayout(file.length), (offset, length) => file.subarray(offset, offset + length)) === undefined
}

/** A file whose header lies about one number, which stands somewhere in it. */
function patched(file: Buffer, at: number, number: bigint): Buffer {
  const copy = Buffer.from(file)
  copy.writeBigUInt64LE(BigInt.asUintN(64, number), at)
  return copy
}

/** A zip archive whose last member, of a name of five letters, is where the first one is. */
function withoutPlaceOfLast(archive: Buffer): Buffer {
  return archive.fill(0, archive.length - 22 - 5 - 4, archive.length - 22 - 5)
}

const entry = (fields: string): string => `{"a":{${fields}}}`
const lies: Readonly<Record<string, Buffer>> = {
  'a header of 2^63 bytes': patched(safetensorsFile(usual), 0, 2n ** 63n),
  'a header longer than the file': patched(safetensorsFile(usual), 0, 100_000n),
  'a header of 100 MB': patched(Buffer.concat([safetensorsFile(usual), Buffer.alloc(10)]), 0, 100_000_000n),
  'offsets behind the end': rawSafetensors(
    entry('"dtype":"F32","shape":[1000],"data_offsets":[0,4000]'),
    Buffer.alloc(99),
  ),
  'offsets the wrong way round': rawSafetensors(entry('"dtype":"F32","shape":[2],"data_offsets":[8,0]'), data),
  'a negative offset': rawSafetensors(entry('"dtype":"F32","shape":[2],"data_offsets":[-8,0]'), data),
  'an offset of 2^53': rawSafetensors(
    entry('"dtype":"U8","shape":[0],"data_offsets":[9007199254740993,9007199254740993]'),
    data,
  ),
  'a shape with another number of bytes': rawSafetensors(entry('"dtype":"F32","shape":[3],"data_offsets":[0,8]'), data),
  'a shape whose product overflows': rawSafetensors(
    entry('"dtype":"U8","shape":[4294967296,4294967296,4294967296,0],"data_offsets":[0,0]'),
    data,
  ),
  'a type that does not exist': rawSafetensors(entry('"dtype":"constructor","shape":[2],"data_offsets":[0,8]'), data),
  'overlapping tensors': rawSafetensors(
    '{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]},"b":{"dtype":"U8","shape":[9],"data_offsets":[8,17]}}',
    data,
  ),
  'a name that is there twice': rawSafetensors(
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
    data,
  ),
  'JSON a million levels deep': rawSafetensors(`{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`, data),
  'objects a million levels deep': rawSafetensors('{"a":'.repeat(1_000_000), data),
  'JSON that ends early': rawSafetensors('{"a":{"dtype":"U8","sha', data),
  'a header that is not UTF-8': Buffer.concat([Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(9, 0xff)]),
  'GGUF with 2^60 tensors': patched(ggufFile(usual), 8, 2n ** 60n),
  'GGUF with 2^60 pairs': patched(ggufFile(usual), 16, 2n ** 60n),
  'GGUF with a key of 2^62 bytes': patched(ggufFile(usual), 24, 2n ** 62n),
  'GGUF that ends in its header': ggufFile(usual).subarray(0, 200),
  'GGUF without the end of its tensors': ggufFile(usual).subarray(0, -200),
  'npy with more elements than bytes': rawNpy(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,), }",
    data,
  ),
  'npy with an overflow': rawNpy(
    `{'descr': '<f4', 'fortran_order': False, 'shape': (${'9999999999999999, '.repeat(20)}), }`,
    data,
  ),
  'npy that runs a program': rawNpy(
    "{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (1,), }",
    data,
  ),
  'npz whose directory is cut off': npzFile(usual).subarray(0, -30),
  'npz with members in one place': withoutPlaceOfLast(npzFile(usual)),
  'a zip archive that is mostly a comment': Buffer.concat([
    Buffer.from('PK\x03\x04'),
    Buffer.alloc(70_000, 'PK\x05\x06'),
  ]),
  'ONNX with a field of 2^50 bytes': Buffer.from([8, 10, 0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 4]),
  'ONNX with numbers that never end': Buffer.from([8, 10, ...Array<number>(40).fill(0xff)]),
  'ONNX of a million fields': Buffer.concat([Buffer.from([8, 10]), Buffer.alloc(2_000_000, Buffer.from([8, 1]))]),
  'PyTorch whose storages are missing': zipFile([{ name: 'x/data.pkl', data: Buffer.from('\x80\x02}.', 'latin1') }]),
  nothing: Buffer.alloc(0),
  'a single byte': Buffer.of(8),
}

describe('a file that lies about its tensors is taken for bytes like any others:', () => {
  it.each(Object.entries(lies))('%s', (_name, file) => {
    const before = process.memoryUsage()
    const start = performance.now()
    expect(isRefused(file)).toBe(true)
    const after = process.memoryUsage()
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(32e6)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

it('a pickle that refers to itself a billion times is read in no time: a checkpoint could stop the program', () => {
  // Forty dictionaries, each with the one before under two keys, are 2^40 ways to a tensor that is none.
  const levels = Array.from(
    { length: 40 },
    (_none, level) =>
      `}q${String.fromCharCode(level + 1)}(K\x01h${String.fromCharCode(level)}K\x02h${String.fromCharCode(level)}u`,
  )
  const pickle = Buffer.from(`\x80\x02}q\x00${levels.join('')}.`, 'latin1')
  const start = performance.now()
  expect(isRefused(pytorchFile(usual, pickle))).toBe(false)
  expect(performance.now() - start).toBeLessThan(500)
})

it('a pickle of keys that together are longer than any string is no reason to leave the file out', () => {
  const key = 'k'.repeat(7_000_000)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(key.length)
  // Eighty dictionaries, each in the one before, under one key that is written once.
  const levels = 80
  const inner = `}${'h\x00}'.repeat(levels - 1)}${'s'.repeat(levels)}.`
  const pickle = Buffer.concat([
    Buffer.from('\x80\x02}X', 'latin1'),
    length,
    Buffer.from(`${key}q\x00${inner}`, 'latin1'),
  ])
  expect(isRefused(pytorchFile(usual, pickle))).toBe(false)
})

it('all of them come out of an archive as they went in, together with whole files of tensors', async () => {
  const folder = temporaryFolder()
  const files: Record<string, Buffer> = {
    'whole.safetensors': safetensorsFile([weights('w', 'F32', [100, 300], share), ...usual]),
    'whole.gguf': ggufFile([weights('w', 'Q8_0', [100, 1024], share), ...usual]),
    'whole.npy': npyFile(weights('w', 'F64', [100, 300], share)),
    'whole.npz': npzFile([weights('w', 'F64', [100, 300], share), ...usual]),
    'whole.onnx': onnxFile([weights('w', 'F32', [100, 300], share), ...usual]),
    'whole.pt': pytorchFile([weights('w', 'F32', [100, 300], share), ...usual]),
  }
  const names = ['safetensors', 'gguf', 'npy', 'npz', 'onnx', 'pt']
  Object.values(lies).forEach((file, number) => {
    // Large enough to be looked into.
    const filled = Buffer.concat([file, random.bytes(file.length < 70_000 ? 70_000 : 10)])
    files[`lie-${number}.${names[number % names.length] ?? ''}`] = number % 2 === 0 ? file : filled
  })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  const archivePath = join(folder, 'a.lmz')
  const sources = Object.keys(files).map((name) => join(folder, name))
  await createArchive(archivePath, sources.slice(0, 20), { preset: 'fast' })
  await addToArchive(archivePath, sources.slice(20), { preset: 'fast' })
  const archive = await Archive.open(archivePath)
  for (const [name, bytes] of Object.entries(files)) {
    const stored = Buffer.concat([...fileBytes(archive, findEntry(archive, name).id)])
    expect(Buffer.compare(stored, bytes), name).toBe(0)
  }
  archive.close()
})
