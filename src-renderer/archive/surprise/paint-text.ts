import { levelOf, levels } from './levels'
import { endOfUnit, type MappedPart } from './mapped-text'

/** A part of a text as it stands in the page. */
export interface DrawnPart {
  readonly part: MappedPart
  readonly text: Text
}

const nameOf = (level: number): string => `surprise-${level}`

/**
 * Colours characters by what their bytes cost, on average: with the browser's highlights (CSS Custom Highlight API), which need no element
 * for each character.
 * @param costOf thousandths of a bit of a byte; undefined for those nobody knows yet, which stay as they are
 */
export function paint(drawn: readonly DrawnPart[], costOf: (offset: number) => number | undefined): void {
  const ranges = Array.from({ length: levels }, () => new Highlight())
  for (const { part, text } of drawn) {
    let [start, level] = [0, -1]
    const finish = (end: number): void => {
      if (level >= 0 && end > start) {
        const range = { startContainer: text, startOffset: start, endContainer: text, endOffset: end }
        ranges[level]?.add(new StaticRange(range))
      }
    }
    for (let unit = 0; unit < part.starts.length; unit++) {
      const now = levelOfUnit(part, unit, costOf)
      if (now === level) continue
      finish(unit)
      ;[start, level] = [unit, now]
    }
    finish(part.starts.length)
  }
  ranges.forEach((highlight, level) => CSS.highlights.set(nameOf(level), highlight))
}

export function forgetPaint(): void {
  for (let level = 0; level < levels; level++) CSS.highlights.delete(nameOf(level))
}

/** -1 where it is not known. */
function levelOfUnit(part: MappedPart, unit: number, costOf: (offset: number) => number | undefined): number {
  const start = part.starts[unit] ?? 0
  const end = endOfUnit(part, unit)
  let sum = 0
  for (let offset = start; offset < end; offset++) {
    const cost = costOf(offset)
    if (cost === undefined) return -1
    sum += cost
  }
  return levelOf(sum / Math.max(1, end - start))
}
