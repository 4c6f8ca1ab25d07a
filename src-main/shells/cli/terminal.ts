import { escapeForDisplay } from '../../contract/display-name'
import type { LmzError } from '../../contract/error'
import type { Problem } from '../../contract/problem'
import type { Progress } from '../../contract/progress'
import type { Report } from '../../contract/report'
import { type ColouredText, composed, showsColours } from './coloured'
import { Output } from './output'
import { ProgressBar } from './progress-bar'

const flushFrom = 64 * 1024

/**
 * Everything the command line says. Results go to stdout, the rest to stderr; with --json all of it goes to stdout as
 * JSON lines, `{"event": ...}` each, the result or the error last. Texts for people are made harmless here, once for all.
 */
export class Terminal {
  readonly isJson: boolean
  readonly output = new Output(process.stdout)
  readonly #bar = new ProgressBar(process.stderr)
  /** Lines wait here until there are enough for one write: listings have millions. */
  #waiting: string[] = []
  #waitingLength = 0

  constructor(options: { readonly isJson: boolean }) {
    this.isJson = options.isJson
  }

  /** A result for a person; nothing in JSON mode. */
  line(text: string): void {
    if (!this.isJson) this.#print(escapeForDisplay(text))
  }

  /** A line of a result in colours, where they are shown. */
  coloured(parts: readonly ColouredText[]): void {
    const text = this.isJson ? undefined : composed(parts, showsColours(process.stdout))
    if (text !== undefined) this.#print(text)
  }

  /** Says what takes its time, until {@link clear}; nothing unless a person is looking. */
  work(text: string): void {
    if (!this.isJson) this.#bar.say(text)
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

  problem(problem: Problem): void {
    if (this.isJson) this.event('problem', problemFields(problem))
    else this.#say(problemSentence(problem))
  }

  error(error: LmzError): void {
    if (this.isJson) this.event('error', error.toData())
    else this.#say(`lmz: ${error.message}`)
  }

  /** The last event of a job that was done. */
  result(verb: string, { problems, ...report }: Report): void {
    this.event('result', { verb, ...report, problems: problems.map(problemFields) })
  }

  /** An event in JSON mode; nothing for a person. */
  event(event: string, detail: object): void {
    if (!this.isJson) return
    this.#print(JSON.stringify({ event, ...detail }, bigIntsAsText))
    if (event !== 'entry') void this.flush()
  }

  /** Whether so many lines wait that whoever prints more should {@link flush} first. */
  get isFull(): boolean {
    return this.#waitingLength > flushFrom
  }

  /** Writes out all lines so far; resolves when stdout has taken over everything there was. */
  flush(): Promise<void> {
    const text = this.#waiting.map((line) => `${line}\n`).join('')
    this.#waiting = []
    this.#waitingLength = 0
    return this.output.write(text)
  }

  /** Takes the progress bar away, before other output or at the end. */
  clear(): void {
    this.#bar.clear()
  }

  #print(line: string): void {
    this.#waiting.push(line)
    this.#waitingLength += line.length
  }

  #say(text: string): void {
    this.clear()
    void this.flush()
    process.stderr.write(`${escapeForDisplay(text)}\n`)
  }
}

/** A problem in JSON has the fields of an error, and two more. */
function problemFields({ path, error, outcome }: Problem): object {
  return { path, ...error, outcome }
}

/** "Left out: src/socket is a socket…"; names the entry if the message does not. */
function problemSentence({ path, error, outcome }: Problem): string {
  const start = `${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}: `
  // Messages that have a path in them show it in its harmless form.
  const isNamed = error.message.includes(path) || error.message.includes(escapeForDisplay(path))
  return `${start}${isNamed ? '' : `${path}: `}${error.message}`
}

/** JSON has no integers over 2^53; times in nanoseconds become strings. */
function bigIntsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
