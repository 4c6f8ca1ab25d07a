import type { SurpriseMap } from '../../../contract/insight'
import { textKinds } from '../../../contract/content-kind'
import type { Colour, ColouredText } from '../coloured'

/** From cheap to dear, in the order of viridis (van der Walt, Smith 2015), as colours of the 256 that terminals have. */
const colours: readonly Colour[] = [
  { background: 53, isDark: true },
  { background: 54, isDark: true },
  { background: 60, isDark: true },
  { background: 61, isDark: true },
  { background: 25, isDark: true },
  { background: 31, isDark: true },
  { background: 30, isDark: true },
  { background: 36, isDark: false },
  { background: 35, isDark: false },
  { background: 71, isDark: false },
  { background: 113, isDark: false },
  { background: 149, isDark: false },
  { background: 184, isDark: false },
  { background: 226, isDark: false },
]
/** What costs so much is surprising whatever it is: as much as to say any byte at all. */
const dear = 8

interface Cell {
  readonly text: string
  readonly bits: number
}

const textWidth = 72
const hexWidth = 24

/** Bytes coloured by what they cost, one line of the terminal each. */
export function mapLines({ offset, bytes, milliBits, block }: SurpriseMap): readonly (readonly ColouredText[])[] {
  const isText = textKinds.includes(block.kind)
  const cells = isText ? textCells(bytes, milliBits) : hexCells(bytes, milliBits)
  const width = isText ? textWidth : hexWidth
  const lines: ColouredText[][] = []
  let at = offset
  for (let from = 0; from < cells.length; from += width) {
    const line = cells.slice(from, from + width)
    const start: ColouredText = { text: `${String(at).padStart(10)}  ` }
    lines.push([start, ...runsOf(line)])
    lines.push([{ text: ' '.repeat(12), isOnlyPlain: true }, ...line.map(digitOf)])
    at += line.reduce((sum, { bytes: length }) => sum + length, 0)
  }
  return lines
}

/** Neighbours of one colour together. */
function runsOf(cells: readonly Cell[]): readonly ColouredText[] {
  const runs: { text: string; readonly colour: Colour | undefined }[] = []
  for (const { text, bits } of cells) {
    const colour = colourOf(bits)
    const last = runs.at(-1)
    if (last?.colour === colour && last !== undefined) last.text += text
    else runs.push({ text, colour })
  }
  return runs
}

/** Without colours, a digit below each character tells its bits. */
function digitOf({ text, bits }: Cell): ColouredText {
  return { text: String(Math.min(9, Math.round(bits))).padEnd(text.length), isOnlyPlain: true }
}

function colourOf(bits: number): Colour | undefined {
  const place = Math.floor((bits / dear) * colours.length)
  return colours[Math.min(colours.length - 1, place)]
}

interface PlacedCell extends Cell {
  readonly bytes: number
}

/** A character a cell, with what its bytes cost on average. */
function textCells(bytes: Uint8Array, milliBits: Uint32Array): readonly PlacedCell[] {
  const cells: PlacedCell[] = []
  for (let at = 0; at < bytes.length;) {
    const length = Math.min(lengthOfCharacter(bytes[at] ?? 0), bytes.length - at)
    const character = Buffer.from(bytes.subarray(at, at + length)).toString('utf8')
    const isShown = /^[\p{L}\p{N}\p{P}\p{S} ]$/u.test(character)
    const bits = milliBits.subarray(at, at + length).reduce((sum, cost) => sum + cost, 0) / 1000 / length
    cells.push({ text: isShown ? character : (marks.get(character) ?? '·'), bits, bytes: length })
    at += length
  }
  return cells
}

const marks: ReadonlyMap<string, string> = new Map([
  ['\n', '↵'],
  ['\t', '→'],
])

/** Bytes of a UTF-8 character that begins with this one; 1 for what begins none. */
function lengthOfCharacter(first: number): number {
  if (first >= 0xf0) return 4
  if (first >= 0xe0) return 3
  return first >= 0xc0 ? 2 : 1
}

function hexCells(bytes: Uint8Array, milliBits: Uint32Array): readonly PlacedCell[] {
  return Array.from(bytes, (byte, at) => ({
    text: `${byte.toString(16).padStart(2, '0')} `,
    bits: (milliBits[at] ?? 0) / 1000,
    bytes: 1,
  }))
}

/** What the colours mean. */
export function legend(): readonly ColouredText[] {
  return [
    { text: '0 bits ' },
    ...colours.map((colour) => ({ text: '  ', colour })),
    { text: ` ${dear} and more; each byte of the file without a model: 8` },
  ]
}
