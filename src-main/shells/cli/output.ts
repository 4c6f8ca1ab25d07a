import { type LmzError, toLmzError } from '../../contract/error'

/**
 * Standard output with back-pressure. After a failure, such as a reader that has left, the rest is dropped in silence:
 * whoever has much to print looks at {@link isClosed}, and a job whose work is elsewhere goes on to its end.
 */
export class Output {
  readonly #stream: NodeJS.WriteStream
  #failure: NodeJS.ErrnoException | undefined

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => (this.#failure ??= error))
  }

  /** Whether nothing that is written arrives any more. */
  get isClosed(): boolean {
    return this.#failure !== undefined
  }

  /** Resolves when all so far has been taken over or dropped; signals get their turn meanwhile, even with a fast reader. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#stream.write(data, () => setImmediate(resolve)))
  }

  /** What kept the output from being written; a reader that left early (`lmz list x.lmz | head`) is no error. */
  get failure(): LmzError | undefined {
    if (this.#failure === undefined || this.#failure.code === 'EPIPE') return undefined
    return toLmzError(this.#failure, 'Cannot write to standard output')
  }
}
