import { wasm } from './generated/chunker'
import { instantiate } from './instantiate'

interface Calls {
  readonly hash: (length: number) => void
  readonly subtree: (length: number, firstLeaf: number) => void
  readonly parent: (root: boolean) => void
  readonly chunk: (length: number, minimum: number, average: number, maximum: number) => number
}

type Offset = 'input' | 'output' | 'ends' | 'hashes' | 'gear' | 'gearDoubled'
type Limit = 'inputLimit' | 'chunkFloor'

type Exports = Calls &
  Readonly<Record<Offset | Limit, { readonly value: number }>> & { readonly memory: { readonly buffer: ArrayBuffer } }

/** What assembly/chunker.ts exports: bytes go in at `input`, a call is made, results lie at the other offsets. */
export interface ChunkerKernel extends Calls, Readonly<Record<Offset | Limit, number>> {
  /** All of the linear memory. It never grows after the start, so this view stays valid. */
  readonly memory: Uint8Array<ArrayBuffer>
}

let kernel: ChunkerKernel | undefined

/** This thread's instance (8.6 MiB of memory), made on first use in about a millisecond. */
export function chunkerKernel(): ChunkerKernel {
  kernel ??= start()
  return kernel
}

function start(): ChunkerKernel {
  const exports = instantiate(wasm) as Exports
  return {
    memory: new Uint8Array(exports.memory.buffer),
    input: exports.input.value,
    output: exports.output.value,
    ends: exports.ends.value,
    hashes: exports.hashes.value,
    gear: exports.gear.value,
    gearDoubled: exports.gearDoubled.value,
    inputLimit: exports.inputLimit.value,
    chunkFloor: exports.chunkFloor.value,
    hash: exports.hash,
    subtree: exports.subtree,
    parent: exports.parent,
    chunk: exports.chunk,
  }
}
