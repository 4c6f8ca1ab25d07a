/*
 * Elements of GF(2^16) lie in cells, and in the rows of matrices, 16 to each 32 bytes: their low bytes, then their high bytes.
 */

function placeOf(start: number, number: number): number {
  return start + (number >> 4) * 32 + (number & 15)
}

export function setElement(bytes: Uint8Array, start: number, number: number, value: number): void {
  bytes[placeOf(start, number)] = value & 255
  bytes[placeOf(start, number) + 16] = value >> 8
}

export function elementAt(bytes: Uint8Array, start: number, number: number): number {
  return (bytes[placeOf(start, number)] ?? 0) | ((bytes[placeOf(start, number) + 16] ?? 0) << 8)
}
