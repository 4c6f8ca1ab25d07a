/**
 * Finds out which parts of a block are machine code, and for which processor, from the bytes alone: a block may start in the
 * middle of a program and hold several, so there is no header to go by. In code every thirtieth byte or so starts a call; where
 * calls with a near target are dense and chance cannot explain them, there is code.
 */

/** How the branches of a segment are rewritten. Stored; the numbers never change meaning. */
export const segmentMode = {
  none: 0,
  /** 32-bit x86. */
  x86: 1,
  /** x86-64: also addresses relative to the instruction pointer. */
  x86WithRip: 2,
  /** ARM64; the block offset of its words modulo 4 is added. */
  arm64: 4,
} as const

/** The largest mode number: ARM64 words that start 3 bytes after a multiple of four. */
export const lastMode = segmentMode.arm64 + 3

/** Long enough for tens of calls, short enough to leave out the data between two pieces of code. */
export const segmentLength = 4096

/** Over 30 in every segment of code looked at, under 6 in every segment of anything else. */
const enoughX86Calls = 10
/** Over 200 in 64-bit code, where most instructions carry the prefix; under 40 elsewhere. */
const enoughRexPrefixes = 64
/** Over 20 in code; random words give one, and aligned data that gives more gives them at one offset only by chance. */
const enoughArm64Calls = 12
const arm64Dominance = 4

/** The mode of the segment `raw[start, end)`. */
export function detectMode(raw: Uint8Array, start: number, end: number): number {
  let branches = 0
  let nearBranches = 0
  let rexPrefixes = 0
  const arm64Calls = [0, 0, 0, 0]
  // The last bytes look beyond the segment, but never beyond the block.
  const last = Math.min(end, raw.length - 4)
  for (let at = start; at < last; at++) {
    const byte = raw[at] ?? 0
    if (byte === 0xe8 || byte === 0xe9) {
      branches++
      const high = raw[at + 3] ?? 0
      const top = raw[at + 4] ?? 0
      if ((top === 0 && high < 0x80) || (top === 0xff && high >= 0x80)) nearBranches++
    } else if ((byte & 0xf8) === 0x48 && isCommonAfterRex[raw[at + 1] ?? 0] === 1) {
      rexPrefixes++
    }
    if (((raw[at + 3] ?? 0) & 0xfc) === 0x94) {
      // The five highest bits of the displacement agree: a target within 8 MiB.
      const high = (((raw[at + 3] ?? 0) & 3) << 3) | ((raw[at + 2] ?? 0) >>> 5)
      if (high === 0 || high === 31) arm64Calls[at & 3] = (arm64Calls[at & 3] ?? 0) + 1
    }
  }
  if (nearBranches >= enoughX86Calls && 2 * nearBranches >= branches) {
    return rexPrefixes >= enoughRexPrefixes ? segmentMode.x86WithRip : segmentMode.x86
  }
  return arm64Mode(arm64Calls)
}

function arm64Mode(calls: readonly number[]): number {
  const most = Math.max(...calls)
  const others = calls.reduce((sum, count) => sum + count, 0) - most
  if (most < enoughArm64Calls || most < arm64Dominance * others) return segmentMode.none
  return segmentMode.arm64 + calls.indexOf(most)
}

/** Moves, lea, arithmetic, compare, test, and the groups of 0x81, 0x83, 0xC7 and 0xFF. */
const isCommonAfterRex = new Uint8Array(256)
for (const opcode of [0x8b, 0x8d, 0x89, 0x83, 0x85, 0x3b, 0x63, 0x81, 0xc7, 0x01, 0x03, 0x39, 0x31, 0x33, 0xff]) {
  isCommonAfterRex[opcode] = 1
}
