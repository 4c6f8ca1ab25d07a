/**
 * Compares two well-formed strings by their UTF-8 bytes, which is the order of names in an index. UTF-16 order is the same
 * but for surrogates: they stand for characters behind all others, yet their code units lie before U+E000.
 * @returns negative, 0 or positive
 */
export function compareNames(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length)
  for (let index = 0; index < shorter; index++) {
    const leftUnit = left.charCodeAt(index)
    const rightUnit = right.charCodeAt(index)
    if (leftUnit !== rightUnit) return rank(leftUnit) - rank(rightUnit)
  }
  return left.length - right.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
