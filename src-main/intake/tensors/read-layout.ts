import { readGguf } from './gguf'
import type { TensorLayout } from './layout'
import { readNpy } from './npy'
import { readNpz } from './npz'
import { readOnnx } from './onnx'
import { isPyTorch, readPyTorch } from './pytorch'
import { bytesAt, NotTensors, type Reading } from './reading'
import { readSafetensors } from './safetensors'
import { readZipDirectory } from './zip-directory'

/**
 * Finds out where the tensors of a file are, in whichever of the known formats it is. Whatever the file claims, at most some 64 MiB of it
 * are read, 8 MiB at once, and no more is allocated than in proportion to what was read.
 * @param size of the file in bytes
 * @throws NotTensors for a file that has none or is not well-formed; the drivers of {@link Reading} make `undefined` of it
 */
export function* readLayout(size: number): Reading<TensorLayout> {
  const head = Buffer.from(yield* bytesAt(size, 0, Math.min(size, 8)))
  const beginning = head.toString('latin1')
  if (beginning.startsWith('\x93NUMPY')) return yield* readNpy(size)
  if (beginning.startsWith('GGUF')) return yield* readGguf(size)
  if (beginning.startsWith('PK\x03\x04')) {
    const members = yield* readZipDirectory(size)
    return yield* isPyTorch(members) ? readPyTorch(size, members) : readNpz(size, members)
  }
  // A header of safetensors has less than 4 GiB.
  if (head.length === 8 && head.readUInt32LE(4) === 0) return yield* readSafetensors(size)
  // The first field of an ONNX model is its version.
  if (head[0] === 0x08) return yield* readOnnx(size)
  throw new NotTensors('no known format')
}
