/**
 * x86: the operands of calls and jumps, and in 64-bit code of instructions that address memory relative to the instruction
 * pointer, hold the distance to their target. Two calls of one function hold different distances but the same target, so
 * each distance is replaced by the target's place in the block. The idea is that of the branch filters of 7-Zip and xz (BCJ) and of
 * the E8 translation of LZX; addresses relative to the instruction pointer, and the rules below, are ours.
 *
 * The operand's bytes also change order, highest first: a model then knows the rough place before it has to name the exact one.
 *
 * What is an operand is decided from the bytes before it, which are the original ones in both directions, since operands are
 * taken one after the other and each is left behind whole. So it does no harm that some bytes only look like branches.
 */
export type Direction = 'forward' | 'inverse'

const operandLength = 4

/**
 * Rewrites `source[start, end)` to the same place in `target`.
 * @param withRip whether operands relative to the instruction pointer are rewritten; only right for 64-bit code
 */
export function convertX86(
  source: Uint8Array,
  target: Uint8Array,
  start: number,
  end: number,
  withRip: boolean,
  direction: Direction,
): void {
  target.set(source.subarray(start, end), start)
  const original = direction === 'forward' ? source : target
  let at = start + 1
  while (at + operandLength <= end) {
    const distanceToNext = operandBefore(original, start, at, withRip)
    if (distanceToNext === 0) {
      at++
      continue
    }
    if (direction === 'forward') toAbsolute(source, target, at, at + distanceToNext)
    else toRelative(source, target, at, at + distanceToNext)
    at += operandLength
  }
}

/**
 * @returns 0 where no operand starts at `at`, else how far behind `at` the next instruction starts, which is what distances
 * count from
 */
function operandBefore(original: Uint8Array, start: number, at: number, withRip: boolean): number {
  const last = original[at - 1] ?? 0
  switch (lastByteClass[last]) {
    case byteClass.branch:
      return operandLength
    case byteClass.conditional:
      return at - 2 >= start && original[at - 2] === 0x0f ? operandLength : 0
    case byteClass.ripModrm: {
      if (!withRip || at - 2 < start) return 0
      const opcode = original[at - 2] ?? 0
      const isTwoByte = at - 3 >= start && original[at - 3] === 0x0f
      return (isTwoByte ? twoByteDistance[opcode] : 0) || (oneByteDistance[opcode] ?? 0)
    }
    default:
      return 0
  }
}

/**
 * Distances of under 16 MiB, whose highest byte repeats a sign, become places modulo 2^25, sign-extended: again a highest byte of 0 or
 * 255. It is stored first, so a first byte of 0 or 255 tells the other direction what was done. All other values are
 * no branches, most likely, and stay as they are; but those that would then start with 0 or 255 are reversed.
 */
function toAbsolute(source: Uint8Array, target: Uint8Array, at: number, next: number): void {
  const top = source[at + 3] ?? 0
  const low = source[at] ?? 0
  if (!isSign(top) && !isSign(low)) return
  let value = low | ((source[at + 1] ?? 0) << 8) | ((source[at + 2] ?? 0) << 16) | (top << 24)
  if (isSign(top)) value = ((value + next) << 7) >> 7
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}

function toRelative(source: Uint8Array, target: Uint8Array, at: number, next: number): void {
  const top = source[at] ?? 0
  const low = source[at + 3] ?? 0
  if (!isSign(top) && !isSign(low)) return
  let value = (top << 24) | ((source[at + 1] ?? 0) << 16) | ((source[at + 2] ?? 0) << 8) | low
  if (isSign(top)) value = ((value - next) << 7) >> 7
  target[at] = value
  target[at + 1] = value >>> 8
  target[at + 2] = value >>> 16
  target[at + 3] = value >>> 24
}

function isSign(byte: number): boolean {
  return byte === 0 || byte === 0xff
}

/** What the byte before an operand can be. */
const byteClass = { other: 0, branch: 1, conditional: 2, ripModrm: 3 } as const

const lastByteClass = new Uint8Array(256)
lastByteClass[0xe8] = byteClass.branch
lastByteClass[0xe9] = byteClass.branch
lastByteClass.fill(byteClass.conditional, 0x80, 0x90)
for (let register = 0; register < 8; register++) lastByteClass[(register << 3) | 5] = byteClass.ripModrm

/**
 * From the operand to the next instruction, by opcode; 0 for opcodes left alone. Rare opcodes are left out: as
 * often as not they are no opcodes, and a wrong guess hides the operand after it.
 */
const oneByteDistance = new Uint8Array(256)
for (const opcode of [0x01, 0x03, 0x0b, 0x23, 0x2b, 0x33, 0x39, 0x3b, 0x63, 0x84, 0x85, 0x88, 0x89, 0x8a, 0x8b, 0x8d]) {
  oneByteDistance[opcode] = operandLength
}
oneByteDistance[0xff] = operandLength
for (const withByte of [0x80, 0x83, 0xc6]) oneByteDistance[withByte] = operandLength + 1
for (const withWord of [0x81, 0xc7]) oneByteDistance[withWord] = operandLength + 4

/** After 0x0F: moves and arithmetic of the vector units, conditional moves, extending moves. */
const twoByteDistance = new Uint8Array(256)
for (const [from, to] of [
  [0x10, 0x17],
  [0x28, 0x2f],
  [0x40, 0x7f],
  [0xb0, 0xbf],
] as const) {
  twoByteDistance.fill(operandLength, from, to + 1)
}
