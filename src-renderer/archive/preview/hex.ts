/** Bytes of a row; sixteen keep the offsets readable. */
export const bytesARow = 16

export interface HexRow {
  readonly offset: string
  readonly bytes: string
  readonly characters: string
}

/** Digits an offset needs: eight up to 4 GiB, as everywhere, then more. */
export function offsetDigits(size: number): number {
  return Math.max(8, Math.max(0, size - 1).toString(16).length)
}

/**
 * A row of a hex dump: offset, sixteen bytes in two groups of eight, and the printable ASCII characters among them.
 * @param bytes up to sixteen; the last row of a file has fewer
 */
export function hexRow(bytes: Uint8Array, offset: number, digits: number): HexRow {
  let hex = ''
  let characters = ''
  for (let index = 0; index < bytesARow; index++) {
    const byte = bytes[index]
    if (index === bytesARow / 2) hex += ' '
    if (index > 0) hex += ' '
    hex += byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')
    if (byte !== undefined) characters += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'
  }
  return { offset: offset.toString(16).padStart(digits, '0'), bytes: hex, characters }
}
