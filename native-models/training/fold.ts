import { historiesPerSlot, lineLength, slotsPerLine } from '../../src-main/models/history-tree'

export interface FoldOptions {
  /** Of four; the rest is room for what a block brings. */
  readonly slotsPerLine: number
  /** In all; what is shipped is some four bytes for each. */
  readonly slots: number
}

/** A table after training. */
export interface TrainedTable {
  readonly table: Uint8Array
  /** A slot's gain in 1/256 bit. */
  readonly gains: Int32Array
}

/**
 * Makes a large table small: the lines that share their lowest bits become one, which keeps the slots with the
 * largest gains.
 * @param length of the result in bytes, a power of two times the length of a line
 */
export function fold(
  { table, gains }: TrainedTable,
  length: number,
  options: FoldOptions,
): { readonly table: Uint8Array; readonly slots: number } {
  const lines = length / lineLength
  const layers = table.length / length
  const least = gainOfRank(gains, options.slots)
  const result = new Uint8Array(length)
  let slots = 0
  for (let line = 0; line < lines; line++) {
    const candidates: { readonly gain: number; readonly from: number; readonly slot: number }[] = []
    for (let layer = 0; layer < layers; layer++) {
      const from = line + layer * lines
      for (let slot = 0; slot < slotsPerLine; slot++) {
        const gain = gains[from * slotsPerLine + slot] ?? 0
        if (table[from * lineLength + slot] !== 0 && gain >= least) candidates.push({ gain, from, slot })
      }
    }
    candidates.sort((one, other) => other.gain - one.gain)
    const checks = new Set<number>()
    for (const { from, slot } of candidates) {
      const check = table[from * lineLength + slot] ?? 0
      if (checks.size === options.slotsPerLine) break
      if (checks.has(check)) continue
      const histories = from * lineLength + slotsPerLine + slot * historiesPerSlot
      const to = line * lineLength + slotsPerLine + checks.size * historiesPerSlot
      result[line * lineLength + checks.size] = check
      result.set(table.subarray(histories, histories + historiesPerSlot), to)
      checks.add(check)
      slots++
    }
  }
  return { table: result, slots }
}

/** The gain that so many slots have or exceed, and never less than a quarter of a bit. */
function gainOfRank(gains: Int32Array, rank: number): number {
  const worthwhile = gains.filter((gain) => gain >= 64).sort()
  return worthwhile[Math.max(0, worthwhile.length - rank)] ?? 64
}
