import type { NetKernel } from '../../kernels/net-kernel'
import type { NetLanes } from './lanes'

/** The WebAssembly kernel as a net of one lane. */
export class KernelLanes implements NetLanes {
  readonly lanes = 1
  readonly logits: Int16Array
  readonly #kernel: NetKernel

  constructor(kernel: NetKernel) {
    this.#kernel = kernel
    this.logits = new Int16Array(kernel.memory().buffer, kernel.logits, 256)
  }

  start(): Promise<void> {
    this.#kernel.start()
    return Promise.resolve()
  }

  step(bytes: Uint8Array): Promise<void> {
    this.#kernel.step(bytes[0] ?? 0)
    return Promise.resolve()
  }
}
