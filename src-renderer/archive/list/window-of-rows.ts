/*
 * Which rows of a long list are on the screen. Browsers limit an element's height (33,554,432 pixels in Chromium, 17,895,697 in
 * Firefox) and draw unsteadily near the limit, so the scrolled element is never higher than `greatestHeight`: beyond it, one pixel of the scroll bar stands for more
 * than one pixel of the list.
 */

const greatestHeight = 8_000_000

/** Rows beyond the edges that are there before they are scrolled to. */
const spareRows = 12

export interface ListMeasures {
  readonly total: number
  /** Pixels, of a row and of the visible part. */
  readonly rowHeight: number
  readonly viewport: number
}

export interface WindowOfRows {
  readonly first: number
  /** The row after the last one. */
  readonly end: number
  /** Where row `first` lies in the scrolled element, in pixels. */
  readonly top: number
}

/** The height of the element that is scrolled. */
export function scrolledHeight({ total, rowHeight }: ListMeasures): number {
  return Math.min(total * rowHeight, greatestHeight)
}

/** Pixels of the list that one pixel of the scroll bar stands for; 1 up to a quarter of a million rows. */
export function scrollFactor(measures: ListMeasures): number {
  const way = scrolledHeight(measures) - measures.viewport
  return way <= 0 ? 1 : (measures.total * measures.rowHeight - measures.viewport) / way
}

/** Rows that are drawn at once; the same number wherever the list is scrolled to, so that their elements can be used again and again. */
export function rowsDrawn({ total, rowHeight, viewport }: ListMeasures): number {
  return Math.min(total, Math.ceil(viewport / rowHeight) + 1 + 2 * spareRows)
}

/** The rows to draw when the list is scrolled to `scrollTop`. */
export function windowAt(measures: ListMeasures, scrollTop: number): WindowOfRows {
  const { total, rowHeight } = measures
  const offset = Math.max(0, scrollTop) * scrollFactor(measures)
  const drawn = rowsDrawn(measures)
  const first = Math.max(0, Math.min(Math.floor(offset / rowHeight) - spareRows, total - drawn))
  return { first, end: first + drawn, top: first * rowHeight - offset + Math.max(0, scrollTop) }
}

/** Where to scroll so that a row is wholly visible, as little as possible. */
export function scrollTopToShow(measures: ListMeasures, scrollTop: number, row: number): number {
  const factor = scrollFactor(measures)
  const offset = scrollTop * factor
  const top = row * measures.rowHeight
  if (top < offset) return top / factor
  const bottom = top + measures.rowHeight
  if (bottom > offset + measures.viewport) return (bottom - measures.viewport) / factor
  return scrollTop
}

/** Rows of a page for PageUp and PageDown; one row stays in sight. */
export function rowsOfPage({ rowHeight, viewport }: ListMeasures): number {
  return Math.max(1, Math.floor(viewport / rowHeight) - 1)
}
