import { InferenceSession, Tensor } from 'onnxruntime-node'
import { historyLength, placeRows } from './context-rows'
import type { NetLanes } from './lanes'
import { type NetFile, ordersOf } from './net-file'

export interface OnnxOptions {
  readonly lanes: number
  /** ONNX Runtime's name of what computes, such as `cpu`, `webgpu`, `cuda`, `dml`, `coreml`. */
  readonly provider: string
  /** `integer` for processors; `float32`, of the same whole numbers, for devices without products of bytes. */
  readonly graph: 'integer' | 'float32'
  readonly threads?: number | undefined
  /** Whether ONNX Runtime may rearrange the graph; it does by itself. */
  readonly isOptimised?: boolean | undefined
}

/**
 * A net in ONNX Runtime. Its arithmetic leaves nothing to round, so that it gives the same whole numbers wherever it computes; a device
 * that does not is found out by the recorded numbers (self-test.ts). A step blocks the thread it is called in.
 */
export class OnnxLanes implements NetLanes {
  readonly lanes: number
  readonly logits: Int16Array
  readonly #file: NetFile
  readonly #session: InferenceSession
  readonly #rows: Int32Array
  readonly #history: Uint8Array
  #states: readonly Tensor[] = []

  private constructor(file: NetFile, session: InferenceSession, lanes: number) {
    this.#file = file
    this.#session = session
    this.lanes = lanes
    this.logits = new Int16Array(lanes * 256)
    this.#rows = new Int32Array(lanes * ordersOf(file.shape))
    this.#history = new Uint8Array(lanes * historyLength)
  }

  /** @param folder of the model, whose files have been checked @throws Error of ONNX Runtime where it cannot compute with the provider */
  static async open(file: NetFile, folder: string, options: OnnxOptions): Promise<OnnxLanes> {
    const { lanes, provider, graph, threads, isOptimised = true } = options
    const session = await InferenceSession.create(`${folder}/step-${graph}.onnx`, {
      executionProviders: [provider],
      graphOptimizationLevel: isOptimised ? 'all' : 'disabled',
      // Threads that wait actively would take the cores from whatever else runs.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    })
    return new OnnxLanes(file, session, lanes)
  }

  async start(): Promise<void> {
    this.#history.fill(0)
    await this.run(
      this.#file.shape.blocks.map(([recurrent]) => new Int16Array(this.lanes * recurrent)),
      this.#placeRows(),
    )
  }

  async step(bytes: Uint8Array): Promise<void> {
    for (let lane = 0; lane < this.lanes; lane++) {
      const history = this.#history.subarray(lane * historyLength, (lane + 1) * historyLength)
      history.copyWithin(1, 0)
      history[0] = bytes[lane] ?? 0
    }
    await this.#run(this.#placeRows())
  }

  /** From states and rows of all lanes to logits, for tests. */
  async run(states: readonly Int16Array[], rows: Int32Array): Promise<void> {
    this.#states = states.map((state) => {
      return new Tensor('float32', Float32Array.from(state), [this.lanes, state.length / this.lanes])
    })
    await this.#run(rows)
  }

  /** i16 a block: the states of all lanes. */
  states(): Int16Array[] {
    return this.#states.map(({ data }) => Int16Array.from(data as Float32Array))
  }

  async close(): Promise<void> {
    await this.#session.release()
  }

  async #run(rows: Int32Array): Promise<void> {
    const feeds: Record<string, Tensor> = { rows: new Tensor('int32', rows, [this.lanes, rows.length / this.lanes]) }
    this.#states.forEach((state, at) => (feeds[`state${at}`] = state))
    const results = await this.#session.run(feeds)
    this.logits.set((results['logits'] as Tensor).data as Float32Array)
    this.#states = this.#states.map((_, at) => results[`next${at}`] as Tensor)
  }

  #placeRows(): Int32Array {
    const orders = ordersOf(this.#file.shape)
    for (let lane = 0; lane < this.lanes; lane++) {
      const history = this.#history.subarray(lane * historyLength, (lane + 1) * historyLength)
      placeRows(this.#file.shape, history, this.#rows.subarray(lane * orders, (lane + 1) * orders))
    }
    return this.#rows
  }
}
