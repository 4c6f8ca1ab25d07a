import { endOfField } from './rows'

/** Of tables by hash: what followed a value the last time, and how often a value was seen. Clashes only blur the estimate. */
const slots = 1 << 14
const slotShift = 32 - 14
/** Bits that a rare value costs that is neither the one above nor known from its left. */
const valueBits = 10
/** Bits a row by which a field must be cheaper beside its left neighbour for the two to stay together. */
const enoughGain = 0.3

/**
 * Fields that the field to their left determines (a code and its meaning) or that change when it does stay in one column with
 * it: apart, a model could not see the one while it predicts the other.
 * @param fields of each row of this kind
 * @returns for each column how many fields it holds
 */
export function groupFields(
  raw: Uint8Array,
  rows: Int32Array,
  kinds: Uint8Array,
  kind: number,
  delimiter: number,
  fields: number,
): readonly number[] {
  const gains = new Float64Array(fields)
  const above = new Int32Array(fields)
  const byLeft = new Int32Array(slots)
  const valueCounts = new Int32Array(slots)
  /** For each field: rows by whether the left field changed (2) and whether this one did (1). */
  const changes = new Int32Array(fields * 4)
  let rowCount = 0
  for (let row = 0; row < kinds.length; row++) {
    if (kinds[row] !== kind) continue
    rowCount++
    const end = (rows[row + 1] ?? 0) - 1
    let at = rows[row] ?? 0
    let left = 0
    let leftChange = 0
    for (let field = 0; field < fields; field++) {
      const fieldEnd = endOfField(raw, at, end, delimiter)
      let hash = 1
      for (let place = at; place < fieldEnd; place++) hash = Math.imul(hash, 0x2f0b4c47) + (raw[place] ?? 0) + 1
      hash = (hash ^ (hash >>> 15)) | 0
      const change = above[field] === hash ? 0 : 1
      above[field] = hash
      const slot = Math.imul(left + field, 0x9e3779b1) >>> slotShift
      const own = Math.imul(hash + field, 0x85ebca6b) >>> slotShift
      const seen = (valueCounts[own] = (valueCounts[own] ?? 0) + 1)
      if (change === 1 && byLeft[slot] === hash) {
        gains[field] = (gains[field] ?? 0) + Math.min(valueBits, Math.log2(rowCount / seen))
      }
      byLeft[slot] = hash
      const cell = field * 4 + leftChange + change
      changes[cell] = (changes[cell] ?? 0) + 1
      left = hash
      leftChange = change * 2
      at = fieldEnd + 1
    }
  }
  const columns: number[] = []
  for (let field = 0; field < fields; field++) {
    const [still = 0, alone = 0, leftOnly = 0, both = 0] = changes.subarray(field * 4, field * 4 + 4)
    const told =
      costOfChoice(still + leftOnly, alone + both) - costOfChoice(still, alone) - costOfChoice(leftOnly, both)
    const gain = (gains[field] ?? 0) + told
    if (field > 0 && gain > enoughGain * rowCount) columns.push((columns.pop() ?? 0) + 1)
    else columns.push(1)
  }
  return columns
}

/** Bits to tell so many of one from so many of the other, when their shares are known. */
function costOfChoice(ones: number, others: number): number {
  const all = ones + others
  const bitsOf = (count: number): number => (count === 0 ? 0 : count * Math.log2(all / count))
  return bitsOf(ones) + bitsOf(others)
}
