/*
 * What encoding a file's text is in, told from its beginning. Marks are believed; without one, what is valid UTF-8 is UTF-8 (other encodings
 * are hardly ever valid UTF-8 by chance), every second byte being zero means UTF-16, and the rest that has few control characters is taken for
 * Windows-1252, which the reader can change.
 */

/** Labels that browsers know (WHATWG Encoding), offered in the preview. */
export const textEncodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'big5',
  'euc-kr',
] as const
export type TextEncoding = (typeof textEncodings)[number]

const marks: readonly { readonly bytes: readonly number[]; readonly encoding: TextEncoding }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
]

/** Tab, line feed, form feed, carriage return, backspace and escape stand in text files. */
const textControls = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x1b])

/** Part of the bytes that may be other control characters in a text, such as a stray page mark. */
const mostControls = 0.01

/**
 * @param start the first bytes of the file; a character cut off at their end does no harm
 * @returns undefined for what is no text
 */
export function encodingOf(start: Uint8Array): TextEncoding | undefined {
  const mark = marks.find(({ bytes }) => bytes.every((byte, index) => start[index] === byte))
  if (mark !== undefined) return isUtf32(start) ? undefined : mark.encoding
  const counts = countBytes(start)
  if (counts.zeros > 0) return utf16WithoutMark(start.length, counts)
  if (counts.controls > start.length * mostControls) return undefined
  if (counts.high === 0 || isUtf8(start)) return 'utf-8'
  return 'windows-1252'
}

/** The mark of UTF-32, little end first, starts like that of UTF-16. */
function isUtf32(start: Uint8Array): boolean {
  return start[0] === 0xff && start[1] === 0xfe && start[2] === 0 && start[3] === 0
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

interface ByteCounts {
  readonly zeros: number
  readonly evenZeros: number
  readonly controls: number
  readonly high: number
}

function countBytes(bytes: Uint8Array): ByteCounts {
  let zeros = 0
  let evenZeros = 0
  let controls = 0
  let high = 0
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    if (byte >= 0x80) high++
    else if (byte === 0) {
      zeros++
      if (index % 2 === 0) evenZeros++
    } else if ((byte < 0x20 && !textControls.has(byte)) || byte === 0x7f) controls++
  }
  return { zeros, evenZeros, controls, high }
}

/** Western text has its zeros all on one side, and a good part of that side is zero. */
function utf16WithoutMark(length: number, { zeros, evenZeros, controls }: ByteCounts): TextEncoding | undefined {
  if (zeros < length * 0.3 || controls > length * mostControls) return undefined
  if (evenZeros < zeros * 0.05) return 'utf-16le'
  return evenZeros > zeros * 0.95 ? 'utf-16be' : undefined
}
