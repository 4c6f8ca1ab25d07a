import { showOsPath } from '../../intake/os-path'
import type { SampleRequest } from '../../intake/sample'
import type { WalkedFile } from '../../intake/tensors/find-in-files'
import type { Tensor } from '../../intake/tensors/layout'
import { tensorKey } from '../bases/tensor-parts'
import type { WorkerPool } from '../workers/worker-pool'

/** A stretch of a tensor that an earlier file has too, in another version. */
export interface Counterpart {
  /** Bytes from the start of the stretch of the file that was asked about. */
  readonly start: number
  /** The earlier one, of as many bytes. */
  readonly request: SampleRequest
  /** The same for stretches that can be coded together: of elements of one type. */
  readonly type: string
}

interface Version {
  readonly tensor: Tensor
  readonly earlier: { readonly file: WalkedFile; readonly offset: number }
}

/** Elements have at most so many bytes, and a power of two, but for quantised ones. */
const unit = 16

/** Of which tensors there is more than one version among files that are to be packed: later ones will be coded as differences from the first. */
export class TensorVersions {
  /** By the file's shown path: its tensors that an earlier file has too, by offset. */
  readonly #ofFile: ReadonlyMap<string, readonly Version[]>

  private constructor(ofFile: ReadonlyMap<string, readonly Version[]>) {
    this.#ofFile = ofFile
  }

  /** Reads the headers of files. @param files in the order of packing; those without tensors are passed over */
  static async among(files: readonly WalkedFile[], pool: WorkerPool): Promise<TensorVersions> {
    if (files.length < 2) return new TensorVersions(new Map())
    const first = new Map<string, { readonly file: WalkedFile; readonly offset: number }>()
    const ofFile = new Map<string, readonly Version[]>()
    for (const [at, tensors] of (await pool.run('findTensors', files)).entries()) {
      const file = files[at]
      if (file === undefined) continue
      const versions: Version[] = []
      for (const tensor of tensors) {
        const key = tensorKey(tensor)
        const earlier = first.get(key)
        if (earlier === undefined) first.set(key, { file, offset: tensor.offset })
        else if (earlier.file !== file) versions.push({ tensor, earlier })
      }
      if (versions.length > 0) ofFile.set(showOsPath(file.path), versions)
    }
    return new TensorVersions(ofFile)
  }

  /** What of a stretch of a file has a counterpart, in ascending order: whole elements, counted from the tensors' starts. */
  *counterpartsOf({ path, offset, length }: SampleRequest): Generator<Counterpart> {
    for (const { tensor, earlier } of this.#ofFile.get(showOsPath(path)) ?? []) {
      const from = Math.ceil(Math.max(0, offset - tensor.offset) / unit) * unit
      const to = Math.floor(Math.min(tensor.bytes, offset + length - tensor.offset) / unit) * unit
      if (to <= from) continue
      yield {
        start: tensor.offset + from - offset,
        request: { ...earlier.file, offset: earlier.offset + from, length: to - from },
        type: tensor.type,
      }
    }
  }
}
