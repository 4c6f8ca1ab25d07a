import { escapeForDisplay } from '../../src-main/contract/display-name'

/** A name in two parts, of which the first may be cut off: the end, with what kind of file it is, stays in sight. */
export interface NameParts {
  readonly start: string
  readonly end: string
}

/** Shorter names are rarely cut off, and one piece of text is copied and read aloud better than two. */
const leastToPart = 25
const endLength = 10

const joined = /^(?:[\udc00-\udfff]|\p{Mark}|\u200d)/u

/** Whether a place in a text lies between the halves of a character, or before a mark that belongs to the one before it. */
export function isJoined(text: string, at: number): boolean {
  return joined.test(text.slice(at, at + 2)) || text[at - 1] === '\u200d'
}

/**
 * A name as it can be shown anywhere: what would be unseen or turn the writing around is written out.
 * Put it into an element with `dir="auto"`, so that a name never changes the order of what stands beside it.
 */
export function nameParts(name: string): NameParts {
  const shown = escapeForDisplay(name)
  if (shown.length < leastToPart) return { start: shown, end: '' }
  let at = shown.length - endLength
  while (at > 0 && isJoined(shown, at)) at--
  // A space behind the mark of what was left out would look as if it were a gap in the window.
  while (at < shown.length - 1 && shown[at] === ' ') at++
  return { start: shown.slice(0, at), end: shown.slice(at) }
}

/** A path for people. */
export function shownPath(names: readonly string[]): string {
  return names.map(escapeForDisplay).join('/')
}

/** The last part of a path of the computer. */
export function fileNameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path
}
