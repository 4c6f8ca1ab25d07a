/**
 * Where an id stands among ascending ones. Ids without gaps, as writers give them, are found at the first look.
 * @returns -1 if it is not there
 */
export function positionOfId(ids: Float64Array, count: number, id: number): number {
  const likely = id - (ids[0] ?? 0)
  if (likely < count && ids[likely] === id) return likely
  let bottom = 0
  let top = count - 1
  while (bottom <= top) {
    const middle = (bottom + top) >>> 1
    const found = ids[middle] ?? 0
    if (found === id) return middle
    if (found < id) bottom = middle + 1
    else top = middle - 1
  }
  return -1
}
