import { LmzError } from '../../../src-main/contract/error'
import type { ByteForecast } from '../../../src-main/contract/insight'

export type Forecast =
  | { readonly kind: 'asking'; readonly offset: number }
  | { readonly kind: 'known'; readonly offset: number; readonly forecast: ByteForecast }
  | { readonly kind: 'failed'; readonly offset: number }

/** Milliseconds that the pointer or the keyboard stands still before the model is asked: for each byte, it replays the block up to there. */
const restMs = 200
const forecastsKept = 200
/** Milliseconds that a question may still take when another one waits: breaking it off costs a new thread with its models. */
const patienceMs = 1000

/** What the model expected at the byte that is looked at. One question at a time; the newest one counts. */
export class Forecasts {
  shown = $state.raw<Forecast | undefined>()
  readonly #known = new Map<number, ByteForecast>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #patience: ReturnType<typeof setTimeout> | undefined
  #asking: number | undefined
  #isClosed = false

  constructor(
    private readonly ask: (offset: number) => Promise<ByteForecast>,
    /** Breaks off a question that nobody waits for any more. */
    private readonly stop: () => void,
  ) {}

  look(offset: number): void {
    if (this.shown?.offset === offset && this.shown.kind !== 'failed') return
    clearTimeout(this.#timer)
    const known = this.#known.get(offset)
    if (known !== undefined) {
      this.shown = { kind: 'known', offset, forecast: known }
      return
    }
    this.shown = { kind: 'asking', offset }
    this.#timer = setTimeout(() => void this.#ask(offset), restMs)
  }

  leave(): void {
    clearTimeout(this.#timer)
    this.shown = undefined
  }

  close(): void {
    this.#isClosed = true
    this.leave()
    if (this.#asking !== undefined) this.stop()
  }

  async #ask(offset: number): Promise<void> {
    if (this.#asking !== undefined) {
      // It is asked when the one before has ended.
      if (this.#asking !== offset) this.#patience ??= setTimeout(() => this.stop(), patienceMs)
      return
    }
    this.#asking = offset
    try {
      const forecast = await this.ask(offset)
      this.#keep(forecast)
      this.#show(offset, { kind: 'known', offset, forecast })
    } catch (error) {
      // What cannot be told is told as such: the byte's own cost is known without it.
      const isOver = error instanceof LmzError && error.code === 'Cancelled'
      if (!isOver) this.#show(offset, { kind: 'failed', offset })
    } finally {
      this.#asking = undefined
      clearTimeout(this.#patience)
      this.#patience = undefined
    }
    const { shown } = this
    if (shown?.kind === 'asking' && !this.#isClosed) void this.#ask(shown.offset)
  }

  #show(offset: number, forecast: Forecast): void {
    if (this.shown?.offset === offset && !this.#isClosed) this.shown = forecast
  }

  #keep(forecast: ByteForecast): void {
    this.#known.set(forecast.offset, forecast)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= forecastsKept) break
      this.#known.delete(oldest)
    }
  }
}
