import { largeTensors } from '../../../src-main/intake/tensors/chunk-tensors'
import { readLayout } from '../../../src-main/intake/tensors/read-layout'
import { readNow } from '../../../src-main/intake/tensors/reading'
import { LmzError } from '../../../src-main/contract/error'
import type { Random } from '../../support/random'
import {
  ggufFile,
  npyFile,
  npzFile,
  onnxFile,
  pytorchFile,
  safetensorsFile,
  type TensorToWrite,
  weights,
} from '../../support/tensor-files'
import type { Target } from '../guided'

function models(random: Random): readonly TensorToWrite[] {
  const share = (): number => random.share()
  return [weights('a.weight', 'F32', [3, 5], share), weights('b', 'BF16', [4], share)]
}

/** A file of tensors: whatever is found lies in the file, overlaps nothing, and has the bytes of its shape. */
export const tensors: Target = {
  name: 'files of tensors',
  covers: /intake\/tensors/,
  longest: 3000,
  seeds(random) {
    const model = models(random)
    const [first] = model
    if (first === undefined) throw new Error('there are some')
    return [
      safetensorsFile(model, { format: 'pt' }),
      ggufFile([...model, weights('q', 'Q8_0', [64], () => random.share())]),
      npyFile(first),
      npzFile(model),
      onnxFile(model),
      pytorchFile(model),
    ]
  },
  run(input) {
    let bytesRead = 0
    const layout = readNow(readLayout(input.length), (offset, length) => {
      bytesRead += length
      if (offset < 0 || length < 1 || offset + length > input.length) throw new Error(`${length} bytes at ${offset}`)
      return input.subarray(offset, offset + length)
    })
    if (bytesRead > 64 * 1024 * 1024) throw new Error(`${bytesRead} bytes were read`)
    if (layout === undefined) throw new LmzError('Format', 'no file of tensors')
    let end = 0
    for (const { name, offset, bytes } of layout.tensors) {
      if (!(offset >= 0 && offset + bytes <= input.length)) throw new Error(`${name} is outside of the file`)
      if (bytes > 0 && offset < end && offset + bytes !== end) throw new Error(`${name} overlaps another`)
      if (bytes > 0) end = offset + bytes
    }
    largeTensors(layout)
  },
}
