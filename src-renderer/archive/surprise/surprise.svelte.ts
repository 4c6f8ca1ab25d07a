import type { EngineApi } from '../../../src-main/contract/engine-api'
import type { SurpriseModel } from '../../../src-main/contract/insight'
import type { Remote } from '../../bridge'
import { Forecasts } from './forecasts.svelte'
import { measuringPace } from './measuring-pace'
import { SurpriseBits } from './surprise-bits.svelte'

export type SurpriseCalls = Pick<Remote<EngineApi>, 'surprise' | 'forecast' | 'stopInsight' | 'fileAccount'>

/** Of 256 values, those that are told. */
const forecastsTold = 5

/** The byte that is looked at. */
export interface LookedAt {
  readonly offset: number
  /** The element or text it is drawn as, in pixels of the window. */
  readonly box: DOMRect
}

/** What a file's bytes cost, and what was expected at the one that is looked at. */
export class Surprise {
  readonly bits: SurpriseBits
  readonly forecasts: Forecasts
  looked = $state.raw<LookedAt | undefined>()
  /** The bytes on the screen: from the first to the one behind the last. */
  inSight = $state.raw<{ readonly from: number; readonly to: number }>({ from: 0, to: 0 })

  constructor(
    private readonly engine: SurpriseCalls,
    private readonly handle: number,
    entry: number,
    readonly size: number,
    /** Whose word it is to be; undefined for the block's own model. */
    model: SurpriseModel | undefined,
  ) {
    const measure = (offset: number, length: number): ReturnType<SurpriseCalls['surprise']> =>
      engine.surprise(handle, entry, offset, length, model)
    this.bits = new SurpriseBits(size, measure, () => this.#stop(), measuringPace)
    void this.#learnBlocks(entry)
    const ask = (offset: number): ReturnType<SurpriseCalls['forecast']> =>
      engine.forecast(handle, entry, offset, forecastsTold, model)
    // Stopping breaks off everything: what is measured is worth more than what was expected at one byte.
    this.forecasts = new Forecasts(ask, () => {
      if (!this.bits.isMeasuring) this.#stop()
    })
  }

  show(from: number, to: number): void {
    this.inSight = { from, to }
    this.bits.want(from, to)
  }

  look(offset: number, box: DOMRect): void {
    this.looked = { offset, box }
    this.forecasts.look(offset)
  }

  leave(): void {
    this.looked = undefined
    this.forecasts.leave()
  }

  close(): void {
    this.bits.close()
    this.forecasts.close()
  }

  async #learnBlocks(entry: number): Promise<void> {
    try {
      const { blocks } = await this.engine.fileAccount(this.handle, entry)
      this.bits.blocks = blocks.map(({ block, rawBytes, fileOffset: from, ownBytes }) => {
        return { block, rawBytes, from, to: from + ownBytes }
      })
    } catch {
      // Without them, measuring is told with fewer words; what is wrong is told by measuring itself.
    }
  }

  #stop(): void {
    // An engine that is gone has stopped already.
    void this.engine.stopInsight(this.handle).catch(() => undefined)
  }
}
