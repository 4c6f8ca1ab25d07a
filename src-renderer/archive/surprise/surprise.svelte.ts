import type { EngineApi } from '../../../src-main/contract/engine-api'
import type { SurpriseModel } from '../../../src-main/contract/insight'
import type { Remote } from '../../bridge'
import { Forecasts } from './forecasts.svelte'
import { SurpriseBits } from './surprise-bits.svelte'

export type SurpriseCalls = Pick<Remote<EngineApi>, 'surprise' | 'forecast' | 'stopInsight'>

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
    this.bits = new SurpriseBits(size, (offset, length) => engine.surprise(handle, entry, offset, length, model))
    const ask = (offset: number): ReturnType<SurpriseCalls['forecast']> =>
      engine.forecast(handle, entry, offset, forecastsTold, model)
    this.forecasts = new Forecasts(ask, () => this.#stop())
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
    const { isMeasuring } = this.bits
    this.bits.close()
    this.forecasts.close()
    if (isMeasuring) this.#stop()
  }

  #stop(): void {
    // An engine that is gone has stopped already.
    void this.engine.stopInsight(this.handle).catch(() => undefined)
  }
}
