import type { WriteStream } from 'node:tty'
import { escapeForDisplay } from '../../contract/display-name'
import { formatBytes } from '../../contract/format-bytes'
import type { Progress } from '../../contract/progress'
import { JobPace } from '../../engine/job-pace'
import { counted } from './wording'

const barWidth = 24
/** A line that is too long is cut by the terminal, which alone knows how wide its letters are. */
const wrapOff = '\x1b[?7l'
const wrapOn = '\x1b[?7h'

/** One line on a terminal, redrawn in place; on anything else it stays silent. */
export class ProgressBar {
  readonly #stream: WriteStream
  #isShown = false
  readonly #pace = new JobPace()

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  show(progress: Progress): void {
    if (!this.#stream.isTTY) return
    const now = performance.now()
    this.#pace.report(progress, now)
    this.#stream.write(`\r\x1b[K${wrapOff}${this.#compose(this.#pace.progress(now) ?? progress)}${wrapOn}`)
    this.#isShown = true
  }

  /** Shows a text in place of the bar. */
  say(text: string): void {
    if (!this.#stream.isTTY) return
    this.#stream.write(`\r\x1b[K${wrapOff}${escapeForDisplay(text)}…${wrapOn}`)
    this.#isShown = true
  }

  clear(): void {
    if (this.#isShown) this.#stream.write('\r\x1b[K')
    this.#isShown = false
  }

  #compose(progress: Progress): string {
    const { phase, entries, bytes, bytesTotal } = progress
    const current = progress.current === undefined ? '' : `  ${escapeForDisplay(progress.current)}`
    if (phase === 'scan') return `Looking: ${counted(entries, 'entry', 'entries')}, ${formatBytes(bytes)}${current}`
    if (phase === 'finish') return 'Finishing…'
    if (bytesTotal === undefined || bytesTotal === 0) return `${formatBytes(bytes)}${current}`
    const share = progress.share ?? Math.min(1, bytes / bytesTotal)
    const filled = Math.round(share * barWidth)
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
    const percent = `${Math.floor(share * 100)}`.padStart(3)
    const amounts = `${formatBytes(bytes)} of ${formatBytes(bytesTotal)}`
    return `${bar} ${percent} %  ${amounts}${rateAndTimeLeft(progress)}${current}`
  }
}

function rateAndTimeLeft({ bytesPerSecond, secondsLeft }: Progress): string {
  if (bytesPerSecond === undefined || secondsLeft === undefined) return ''
  return `, ${formatBytes(bytesPerSecond)}/s, ${formatDuration(secondsLeft * 1000)} left`
}

/** "12 s", "4 min", "2 h 10 min". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
