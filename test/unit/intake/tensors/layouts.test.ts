import { describe, expect, it } from 'vitest'
import type { TensorLayout } from '../../../../src-main/intake/tensors/layout'
import { readLayout } from '../../../../src-main/intake/tensors/read-layout'
import { readLater, readNow } from '../../../../src-main/intake/tensors/reading'
import { Random } from '../../../support/random'
import {
  ggufFile,
  npyFile,
  npzFile,
  onnxFile,
  pytorchFile,
  rawNpy,
  safetensorsFile,
  stateDictPickle,
  type TensorToWrite,
  weights,
  zipFile,
} from '../../../support/tensor-files'

const random = new Random(7)
const share = (): number => random.share()

/** Reads a layout; counts what is read. */
function layoutOf(file: Uint8Array): { readonly layout: TensorLayout | undefined; readonly bytesRead: number } {
  let bytesRead = 0
  const layout = readNow(readLayout(file.length), (offset, length) => {
    bytesRead += length
    return file.subarray(offset, offset + length)
  })
  return { layout, bytesRead }
}

function expectTensors(file: Buffer, format: string, tensors: readonly TensorToWrite[]): void {
  const { layout } = layoutOf(file)
  expect(layout?.format).toBe(format)
  expect(layout?.tensors.map(({ name, type, shape }) => ({ name, type, shape }))).toEqual(
    tensors.map(({ name, type, shape }) => ({ name, type, shape })),
  )
  layout?.tensors.forEach(({ offset, bytes }, number) => {
    expect(Buffer.compare(file.subarray(offset, offset + bytes), tensors[number]?.data ?? Buffer.alloc(0))).toBe(0)
  })
}

const usual = [
  weights('layer.0.weight', 'F32', [64, 48], share),
  weights('layer.0.bias', 'F32', [48], share),
  weights('größe "1"\n', 'BF16', [3, 5, 7], share),
]

describe('a tensor that is listed with the wrong bytes is given back wrong:', () => {
  it('safetensors', () => {
    expectTensors(safetensorsFile(usual, { format: 'pt', note: '\\"}' }), 'safetensors', usual)
    const few = [weights('scalar', 'F64', [], share), weights('e4m3', 'F8_E4M3', [9], share)]
    expectTensors(safetensorsFile(few), 'safetensors', few)
  })

  it.each([2, 3])('GGUF %i', (version) => {
    const quantised = [...usual, weights('q4', 'Q4_0', [4, 64], share), weights('q4k', 'Q4_K', [2, 256], share)]
    expectTensors(ggufFile(quantised, { version }), 'gguf', quantised)
    expectTensors(ggufFile(quantised, { version, alignment: 64 }), 'gguf', quantised)
  })

  it('npy', () => {
    for (const [type, shape] of [
      ['F32', [4, 6]],
      ['F64', [5]],
      ['I64', []],
      ['BF16', [2, 0, 3]],
    ] as const) {
      const tensor = weights('array', type, shape, share)
      expectTensors(npyFile(tensor), 'npy', [tensor])
    }
    const columns = layoutOf(npyFile(weights('array', 'F32', [4, 6], share), { order: 'True' })).layout
    expect(columns?.tensors[0]).toMatchObject({ isColumnMajor: true })
    const swapped = layoutOf(
      rawNpy("{'descr': '>i4', 'fortran_order': False, 'shape': (3,), }", Buffer.alloc(12)),
    ).layout
    expect(swapped?.tensors[0]).toMatchObject({ type: 'I32', shape: [3], isBigEndian: true })
  })

  it('npz, also with members that are no arrays of numbers', () => {
    const tensors = usual.map((tensor) => ({ ...tensor, name: tensor.name.replaceAll(/[^a-z.0-9]/g, '_') }))
    expectTensors(npzFile(tensors), 'npz', tensors)
    const [first] = tensors
    if (first === undefined) throw new Error('there are some')
    const mixed = zipFile([
      { name: 'a.npy', data: npyFile(first) },
      { name: 'b.npy', data: rawNpy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", Buffer.alloc(30)) },
      { name: 'c.npy', data: Buffer.from('deflated'), method: 8 },
      { name: 'd.txt', data: Buffer.from('a note') },
    ])
    expect(layoutOf(mixed).layout?.tensors.map(({ name }) => name)).toEqual(['a'])
  })

  it('ONNX', () => {
    expectTensors(onnxFile(usual), 'onnx', usual)
  })

  it('PyTorch', () => {
    const named = usual.map((tensor) => ({ ...tensor, name: `model.${tensor.name}` }))
    expectTensors(pytorchFile(usual), 'pytorch', named)
  })

  it('PyTorch with a pickle that does something else: its storages are listed, and nothing it says is done', () => {
    const storages = usual.map(({ data }, number) => ({
      name: `run/data/${number}`,
      type: 'U8' as const,
      shape: [data.length],
      data,
    }))
    const evil = Buffer.from("cposix\nsystem\n(S'touch /tmp/pwned'\ntR.")
    for (const pickle of [evil, Buffer.alloc(0), stateDictPickle(usual).subarray(0, 300), Buffer.from('N.')]) {
      expectTensors(pytorchFile(usual, pickle), 'pytorch', storages)
    }
  })
})

it('reads headers alone: a list of the tensors of a large model would take as long as reading it', () => {
  const large = [weights('a', 'I64', [400_000], share), weights('b', 'I64', [400_000], share)]
  for (const file of [
    safetensorsFile(large),
    ggufFile(large.map((each) => ({ ...each, type: 'F32' as const, shape: [800_000] }))),
  ]) {
    const { layout, bytesRead } = layoutOf(file)
    expect(layout?.tensors).toHaveLength(2)
    expect(bytesRead).toBeLessThan(70_000)
  }
  // The end of a zip archive may have a comment of 64 KiB before it.
  expect(layoutOf(pytorchFile(large)).bytesRead).toBeLessThan(90_000)
})

it('gives the same from a source that takes its time', async () => {
  for (const file of [safetensorsFile(usual), ggufFile(usual), onnxFile(usual), pytorchFile(usual)]) {
    const read = (offset: number, length: number) => Promise.resolve(file.subarray(offset, offset + length))
    expect(await readLater(readLayout(file.length), read)).toEqual(layoutOf(file).layout)
  }
})
