import { escapeForDisplay } from '../../contract/display-name'
import type { LmzError } from '../../contract/error'
import type { Problem } from '../../contract/problem'
import type { Progress } from '../../contract/progress'
import { ProgressBar } from './progress-bar'

const flushFrom = 64 * 1024

/**
 * Everything the command line says. Results go to stdout, the rest to stderr; with --json all of it goes to stdout as
 * JSON lines, `{"event": ...}` each, the result last.
 */
export class Terminal {
  readonly isJson: boolean
  readonly #bar = new ProgressBar(process.stderr)
  /** Lines wait here until there are enough for one write: listings have millions. */
  #waiting: string[] = []
  #waitingLength = 0

  constructor(options: { readonly isJson: boolean }) {
    this.isJson = options.isJson
  }

  /** A result for a person, or nothing in JSON mode. */
  line(text: string): void {
    if (!this.isJson) this.#print(text)
  }

  /** A remark beside the result. */
  notice(text: string): void {
    if (this.isJson) this.event('notice', { message: text })
    else this.#say(text)
  }

  progress(progress: Progress): void {
    if (this.isJson) this.event('progress', progress)
    else this.#bar.show(progress)
  }

  problem({ path, error, outcome }: Problem): void {
    if (this.isJson) this.event('problem', { path, ...error, outcome })
    else this.#say(`${escapeForDisplay(path)}: ${error.message} (${outcome})`)
  }

  error(error: LmzError): void {
    if (this.isJson) this.event('error', error.toData())
    else this.#say(`lmz: ${escapeForDisplay(error.message)}`)
  }

  event(event: string, detail: object): void {
    this.#print(JSON.stringify({ event, ...detail }, plainNumbers))
    if (event !== 'entry') this.flush()
  }

  /** Writes out all lines so far. */
  flush(): void {
    if (this.#waiting.length === 0) return
    process.stdout.write(`${this.#waiting.join('\n')}\n`)
    this.#waiting = []
    this.#waitingLength = 0
  }

  /** Takes the progress bar away, before other output or at the end. */
  clear(): void {
    this.#bar.clear()
  }

  #print(line: string): void {
    this.#waiting.push(line)
    this.#waitingLength += line.length
    if (this.#waitingLength > flushFrom) this.flush()
  }

  #say(text: string): void {
    this.clear()
    this.flush()
    process.stderr.write(`${text}\n`)
  }
}

/** JSON has no integers over 2^53; times in nanoseconds become strings. */
function plainNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
