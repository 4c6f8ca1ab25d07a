import type { WriteStream } from 'node:tty'
import { escapeForDisplay } from '../../contract/display-name'

/** One of the 256 colours of terminals. */
export interface Colour {
  readonly background: number
  /** Whether letters on it must be light. */
  readonly isDark: boolean
}

export interface ColouredText {
  readonly text: string
  readonly colour?: Colour | undefined
  /** Only there where colours are not shown. */
  readonly isOnlyPlain?: boolean
}

const light = 231
const dark = 16

/** Whether a stream shows colours and the user wants them (https://no-color.org). */
export function showsColours(stream: Pick<WriteStream, 'isTTY'>): boolean {
  const { NO_COLOR = '', FORCE_COLOR = '', TERM = '' } = process.env
  if (NO_COLOR !== '') return false
  return FORCE_COLOR !== '' || (stream.isTTY && TERM !== 'dumb')
}

/** A line for a terminal; its texts are made harmless. Undefined where nothing of it is to be shown. */
export function composed(parts: readonly ColouredText[], withColours: boolean): string | undefined {
  const shown = withColours ? parts.filter(({ isOnlyPlain }) => isOnlyPlain !== true) : parts
  if (shown.length === 0) return undefined
  return shown.map((part) => composedPart(part, withColours)).join('')
}

function composedPart({ text, colour }: ColouredText, withColours: boolean): string {
  const harmless = escapeForDisplay(text)
  if (!withColours || colour === undefined) return harmless
  const { background, isDark } = colour
  return `\x1b[48;5;${background}m\x1b[38;5;${isDark ? light : dark}m${harmless}\x1b[0m`
}
