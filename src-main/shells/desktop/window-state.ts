import { type BrowserWindow, screen } from 'electron'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { writeJson } from '../window/stored-json'

const size = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(100_000))
const place = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000))
const stateSchema = v.object({ x: place, y: place, width: size, height: size, isMaximized: v.boolean() })
type State = v.InferOutput<typeof stateSchema>

const firstSize = { width: 1080, height: 720 }
/** Windows of one app must not lie exactly on each other. */
const step = 28

/** Remembers where the last window stood and how large it was. */
export class WindowState {
  readonly #file: string
  #last: State | undefined

  /** @param folder of the app's own data */
  constructor(folder: string) {
    this.#file = join(folder, 'window.json')
    this.#last = read(this.#file)
  }

  /** For a new window. @param others how many windows are open */
  bounds(others: number): Partial<State> & { readonly width: number; readonly height: number } {
    if (this.#last === undefined) return firstSize
    const { x, y, width, height } = this.#last
    const offset = (others % 8) * step
    const wanted = { x: x + offset, y: y + offset, width, height }
    // The screen it was on may be gone.
    return isVisible(wanted) ? wanted : { width, height }
  }

  get wasMaximized(): boolean {
    return this.#last?.isMaximized ?? false
  }

  /** Keeps a window's bounds when it closes. */
  watch(window: BrowserWindow): void {
    window.on('close', () => {
      this.#last = { ...window.getNormalBounds(), isMaximized: window.isMaximized() }
      // The next window stands where the system puts it, no more is lost.
      void writeJson(this.#file, this.#last).catch(() => undefined)
    })
  }
}

function read(file: string): State | undefined {
  try {
    const parsed = v.safeParse(stateSchema, JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

/** Whether enough of a window's upper edge is on a screen to take hold of it. */
function isVisible({ x, y, width }: { readonly x: number; readonly y: number; readonly width: number }): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const seen = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x)
    return seen >= 100 && y >= workArea.y && y <= workArea.y + workArea.height - 50
  })
}
