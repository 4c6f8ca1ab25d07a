import { bytesAPiece, type FileBytes } from '../preview/file-bytes'
import type { TextEncoding } from '../preview/text-encoding'
import { mostTextBytes } from '../preview/text-parts'

/** A part of a text with the bytes that its characters stand for. */
export interface MappedPart {
  readonly text: string
  /** For each UTF-16 unit of the text: where in the file the bytes begin that its character was decoded from. */
  readonly starts: readonly number[]
  /** The byte behind the part. */
  readonly end: number
}

/** Units of one part: painted within a frame. */
const leastUnits = 2048
const mostUnits = 4096

/**
 * The text of a file, part by part, with the place of each character. Bytes are decoded one by one, so that it holds for every encoding
 * the browser knows; marks of the encoding at the start belong to the first character.
 */
export async function* mappedTextParts(bytes: FileBytes, encoding: TextEncoding): AsyncGenerator<MappedPart> {
  const decoder = new TextDecoder(encoding)
  const end = Math.min(bytes.size, mostTextBytes)
  let text = ''
  let starts: number[] = []
  let start = 0
  for (let piece = 0; piece * bytesAPiece < end; piece++) {
    const some = await bytes.piece(piece)
    for (let at = 0; at < some.length; at++) {
      const isLast = piece * bytesAPiece + at + 1 >= bytes.size
      const decoded = decoder.decode(some.subarray(at, at + 1), { stream: !isLast })
      if (decoded === '') continue
      for (let unit = 0; unit < decoded.length; unit++) starts.push(start)
      text += decoded
      start = piece * bytesAPiece + at + 1
      if (text.length >= mostUnits || (text.length >= leastUnits && decoded.endsWith('\n'))) {
        yield { text, starts, end: start }
        text = ''
        starts = []
      }
    }
  }
  if (text !== '') yield { text, starts, end: Math.max(start, end) }
}

/** Where the bytes of a unit's character end. */
export function endOfUnit({ starts, end }: MappedPart, unit: number): number {
  const start = starts[unit] ?? end
  for (let next = unit + 1; next < starts.length; next++) {
    const other = starts[next] ?? end
    if (other > start) return other
  }
  return end
}

/** The first unit whose character begins at a byte or behind it; the number of units if there is none. */
export function unitAt({ starts }: MappedPart, offset: number): number {
  let [low, high] = [0, starts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}
