import { LmzError } from '../../../src-main/contract/error'

/** Pixels of text that are there below what is on the screen. */
const ahead = 2000

/** The parts of a text, which are read as one scrolls to them. */
export class PartsInSight<Part> {
  parts = $state.raw<readonly Part[]>([])
  isWhole = $state(false)
  readonly #onerror: (error: unknown) => void
  #source: AsyncGenerator<Part> | undefined
  #isReading = false

  constructor(onerror: (error: unknown) => void) {
    this.#onerror = onerror
  }

  /** Begins anew, at the top of the element that scrolls. */
  begin(source: AsyncGenerator<Part>, element: HTMLElement): void {
    this.#source = source
    this.parts = []
    this.isWhole = false
    this.#isReading = false
    element.scrollTop = 0
  }

  /** Another file, or no preview any more: what is under way is let go. */
  end(): void {
    this.#source = undefined
  }

  async readOn(element: HTMLElement): Promise<void> {
    if (this.#isReading || this.isWhole) return
    this.#isReading = true
    const from = this.#source
    try {
      do {
        const next = await from?.next()
        if (from !== this.#source) return
        if (next === undefined || next.done === true) this.isWhole = true
        else this.parts = [...this.parts, next.value]
        await new Promise(requestAnimationFrame)
        if (from !== this.#source) return
      } while (!this.isWhole && element.scrollHeight - element.scrollTop - element.clientHeight < ahead)
    } catch (error) {
      if (from !== this.#source) return
      if (!(error instanceof LmzError && error.code === 'Cancelled')) this.#onerror(error)
    } finally {
      if (from === this.#source) this.#isReading = false
    }
  }
}
