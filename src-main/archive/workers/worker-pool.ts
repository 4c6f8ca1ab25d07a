import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { LmzError, type LmzErrorData } from '../../contract/error'
import { priorArena } from '../../models/prior-arena'
import type { TaskName, Tasks } from './tasks'

/** What a worker answers: the task's result, or an error as data. */
export type Reply =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: LmzErrorData }

/** Follows a task, to learn what it costs. */
export interface TaskWatch {
  started(): void
  ended(): void
}

interface Pending {
  readonly id: number
  readonly name: TaskName
  readonly input: unknown
  readonly watch: TaskWatch | undefined
  resolve(result: unknown): void
  reject(error: Error): void
}

/**
 * A worker makes large buffers and hardly any objects. A small young generation collects the buffers soon; with the
 * default one, a hundred megabytes of them would lie about.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

/** What the user has chosen for this process; 0 for what suits the computer. */
let chosenThreads = 0

/** @param count worker threads of every pool made from now on; 0 for as many as there are cores, up to 8 */
export function chooseThreads(count: number): void {
  chosenThreads = count
}

/**
 * Worker threads for everything that takes CPU time: reading and chunking, encoding, decoding and writing files out.
 * Tasks start in the order they were given. The caller bounds how many it has under way; results move by
 * transfer, packing buffers are shared.
 */
export class WorkerPool {
  readonly size: number
  readonly #workers: { readonly thread: Worker; task: Pending | undefined }[] = []
  readonly #queue: Pending[] = []
  #nextId = 1
  #failure: Error | undefined

  constructor(size: number = chosenThreads || Math.min(availableParallelism(), 8)) {
    this.size = size
  }

  /**
   * @param watch told when a thread begins with it, and when it is done or has failed
   * @throws LmzError as the task did, or `Cancelled` after {@link close}
   */
  run<Name extends TaskName>(
    name: Name,
    input: Tasks[Name]['input'],
    watch?: TaskWatch,
  ): Promise<Tasks[Name]['result']> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      const id = this.#nextId++
      // The task table ties each name to its result; a message channel cannot carry that tie.
      const settle = { resolve: (result: unknown) => resolve(result as never), reject }
      this.#queue.push({ id, name, input, watch, ...settle })
      this.#dispatch()
    })
  }

  /** Stops all workers at once; tasks under way reject with `Cancelled`. */
  async close(): Promise<void> {
    this.#fail(new LmzError('Cancelled', 'The work was stopped.'))
    await Promise.all(this.#workers.map(({ thread }) => thread.terminate()))
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#workers.find(({ task }) => task === undefined) ?? this.#start()
      const task = slot === undefined ? undefined : this.#queue.shift()
      if (slot === undefined || task === undefined) return
      slot.task = task
      task.watch?.started()
      slot.thread.postMessage({ id: task.id, name: task.name, input: task.input })
    }
  }

  #start(): { readonly thread: Worker; task: Pending | undefined } | undefined {
    if (this.#workers.length >= this.size) return undefined
    const slot = {
      thread: new Worker(workerUrl(), { resourceLimits, workerData: priorArena() }),
      task: undefined as Pending | undefined,
    }
    this.#workers.push(slot)
    slot.thread.on('message', (reply: Reply) => {
      const task = slot.task
      slot.task = undefined
      if (task === undefined) return
      task.watch?.ended()
      if ('error' in reply) task.reject(LmzError.fromData(reply.error))
      else task.resolve(reply.result)
      this.#dispatch()
    })
    slot.thread.on('error', (cause: Error) => {
      this.#fail(new LmzError('Io', `A worker stopped unexpectedly: ${cause.message}`, { cause }))
    })
    return slot
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const slot of this.#workers) {
      slot.task?.reject(this.#failure)
      slot.task = undefined
    }
    for (const task of this.#queue.splice(0)) task.reject(this.#failure)
  }
}

/** Runs `work` with a pool that ends with it, or at once when the signal says so. */
export async function withPool<Result>(
  signal: AbortSignal | undefined,
  work: (pool: WorkerPool) => Promise<Result>,
): Promise<Result> {
  const pool = new WorkerPool()
  const stop = (): void => void pool.close()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await work(pool)
  } finally {
    signal?.removeEventListener('abort', stop)
    await pool.close()
  }
}

/** The built worker stands beside the bundle this code runs in; under a test runner, in the build's folder. */
function workerUrl(): URL {
  const beside = new URL('./worker.js', import.meta.url)
  return import.meta.url.includes('/src-main/') ? new URL('../../../out/main/worker.js', import.meta.url) : beside
}
