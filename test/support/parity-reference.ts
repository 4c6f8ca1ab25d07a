/*
 * The code of docs/format.md as slowly and plainly as the page states it: sums over all cells, products bit by bit. Nothing of lmz is used.
 */

export function product(left: number, right: number): number {
  let result = 0
  for (let bit = 0; bit < 16; bit++) if ((right >> bit) & 1) result ^= left << bit
  for (let bit = 31; bit >= 16; bit--) if ((result >>> bit) & 1) result ^= 0x1100b << (bit - 16)
  return result & 0xffff
}

export function inverse(element: number): number {
  let result = 1
  for (let power = 0; power < 0xfffe; power++) result = product(result, element)
  return result
}

const inverses = new Map<number, number>()

function quotient(left: number, right: number): number {
  const known = inverses.get(right) ?? inverse(right)
  inverses.set(right, known)
  return product(left, known)
}

/** Elements of a cell: 16 low bytes and 16 high bytes in each 32. */
function elementsOf(cell: Uint8Array): number[] {
  return Array.from({ length: cell.length / 2 }, (_, at) => {
    const place = Math.floor(at / 16) * 32 + (at % 16)
    return (cell[place] ?? 0) | ((cell[place + 16] ?? 0) << 8)
  })
}

/** The wide cells of a segment. */
export function wideCellsOf(cells: readonly Uint8Array[], wide: number): Uint8Array[] {
  let width = 1
  while (width < wide) width *= 2
  let others = 1
  for (let v = 1; v < width; v++) others = product(others, v)
  const scaleOf = (chunk: number): number => {
    let scale = 1
    for (let v = 0; v < width; v++) scale = product(scale, ((chunk + 1) * width) ^ v)
    return quotient(scale, others)
  }
  const scales = Array.from({ length: Math.ceil(cells.length / width) }, (_, chunk) => scaleOf(chunk))
  const elements = cells.map(elementsOf)
  return Array.from({ length: wide }, (_, row) => {
    const bytes = new Uint8Array(cells[0]?.length ?? 0)
    const sums = new Uint16Array(bytes.length / 2)
    elements.forEach((cell, number) => {
      const factor = quotient(scales[Math.floor(number / width)] ?? 0, row ^ (width + number))
      cell.forEach((element, at) => (sums[at] = (sums[at] ?? 0) ^ product(element, factor)))
    })
    sums.forEach((sum, at) => {
      const place = Math.floor(at / 16) * 32 + (at % 16)
      bytes[place] = sum & 255
      bytes[place + 16] = sum >> 8
    })
    return bytes
  })
}
