import type { EngineApi } from '../../../src-main/contract/engine-api'
import { type LmzError, toLmzError } from '../../../src-main/contract/error'
import type { ArchiveAccount, BlockContest, BlockSizeTrial } from '../../../src-main/contract/insight'
import type { Remote } from '../../bridge'
import { type BreakdownRow, foldersAndFiles } from './breakdown'

type InsightCalls = Pick<
  Remote<EngineApi>,
  'account' | 'shares' | 'blockSample' | 'contest' | 'tryBlockSize' | 'stopInsight'
>

/** Shares of the largest entries; the lists show the first few of them, and more on demand. */
const mostShares = 1000
/** Blocks that stand for all: with the slowest codec some twenty seconds each. */
const mostBlocks = 12
/** Raw bytes that are coded anew for each block size. */
const sampleBytes = 4 * 1024 * 1024
export const triedBlockSizes = [64, 256, 1024, 4096].map((kibibytes) => kibibytes * 1024)

/** A comparison that is asked for by hand, step by step: what is known so far, and how far it is. */
export interface Trial<Result> {
  readonly state: 'idle' | 'running' | 'done' | 'stopped'
  readonly results: readonly Result[]
  /** Steps there are; 0 until that is known. */
  readonly steps: number
  readonly problem?: LmzError | undefined
}

const untried = { state: 'idle', results: [], steps: 0 } as const

/** What is known about where the bytes of an open archive go, and what was found out about it on demand. */
export class Insight {
  account = $state.raw<ArchiveAccount | undefined>()
  folders = $state.raw<readonly BreakdownRow[]>([])
  files = $state.raw<readonly BreakdownRow[]>([])
  problem = $state.raw<LmzError | undefined>()
  contests = $state.raw<Trial<BlockContest>>(untried)
  blockSizes = $state.raw<Trial<BlockSizeTrial>>(untried)
  #isStopping = false
  #isClosed = false

  constructor(
    private readonly engine: InsightCalls,
    private readonly handle: number,
  ) {}

  async load(): Promise<void> {
    const shares = this.engine.shares(this.handle, 0, mostShares)
    // The account is shown as soon as it is there.
    shares.catch(() => undefined)
    try {
      this.account = await this.engine.account(this.handle)
      const { folders, files } = foldersAndFiles(await shares)
      this.folders = folders
      this.files = files
    } catch (thrown) {
      if (!this.#isClosed) this.problem = toLmzError(thrown, 'The account cannot be drawn up')
    }
  }

  /** One at a time: each uses all cores. */
  get isBusy(): boolean {
    return this.contests.state === 'running' || this.blockSizes.state === 'running'
  }

  async compareModels(): Promise<void> {
    await this.#run(
      () => this.engine.blockSample(this.handle, mostBlocks),
      (block) => this.engine.contest(this.handle, block),
      (trial) => (this.contests = trial),
    )
  }

  async tryBlockSizes(): Promise<void> {
    await this.#run(
      () => triedBlockSizes,
      (size) => this.engine.tryBlockSize(this.handle, size, sampleBytes),
      (trial) => (this.blockSizes = trial),
    )
  }

  /** What is known by now stays. */
  stop(): void {
    this.#isStopping = true
    // An engine that is gone has stopped already.
    void this.engine.stopInsight(this.handle).catch(() => undefined)
  }

  close(): void {
    this.#isClosed = true
    if (this.isBusy) this.stop()
  }

  async #run<Step, Result>(
    stepsOf: () => readonly Step[] | Promise<readonly Step[]>,
    ask: (step: Step) => Promise<Result>,
    set: (trial: Trial<Result>) => void,
  ): Promise<void> {
    if (this.isBusy) return
    this.#isStopping = false
    let trial: Trial<Result> = { state: 'running', results: [], steps: 0 }
    const show = (change: Partial<Trial<Result>>): void => {
      trial = { ...trial, ...change }
      if (!this.#isClosed) set(trial)
    }
    show({})
    try {
      const steps = await stepsOf()
      show({ steps: steps.length })
      for (const step of steps) {
        if (this.#isStopping) break
        show({ results: [...trial.results, await ask(step)] })
      }
      show({ state: trial.results.length < steps.length ? 'stopped' : 'done' })
    } catch (thrown) {
      const problem = toLmzError(thrown, 'This could not be tried')
      show({ state: 'stopped', ...(problem.code === 'Cancelled' ? {} : { problem }) })
    }
  }
}
