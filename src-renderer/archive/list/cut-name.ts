import { isJoined, type NameParts } from '../place-text'

/** Pixels that a text takes. */
export type Measure = (text: string) => number

/** Measures text as it is in an element. */
export function measureAs(element: Element): Measure {
  const context = new OffscreenCanvas(1, 1).getContext('2d')
  if (context === null) return () => 0
  // `font` as a whole says nothing where digits are set to be of one width.
  const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(element)
  context.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`
  return (text) => context.measureText(text).width
}

const mark = '…'

/**
 * The first part of a name as far as there is room for it beside the second, with a mark of what was left out. A browser does that too, but
 * leaves the spaces before its mark, and some room behind it, which look like a gap in the name.
 * @param room pixels for both parts
 * @returns undefined where the whole name fits, or not even a character of it
 */
export function cutStart({ start, end }: NameParts, room: number, measure: Measure): string | undefined {
  const roomForStart = room - measure(end)
  if (measure(start) <= roomForStart) return undefined
  const shown = (length: number): string => start.slice(0, length).trimEnd() + mark
  let [fits, tooLong] = [0, start.length]
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1
    if (measure(shown(middle)) <= roomForStart) fits = middle
    else tooLong = middle
  }
  while (fits > 0 && isJoined(start, fits)) fits--
  return fits === 0 ? undefined : shown(fits)
}
