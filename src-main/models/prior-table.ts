import { LmzError } from '../contract/error'
import { historiesPerSlot, lineLength, type SeenBits, slotsPerLine, streamCount, streamOf } from './history-tree'

/** A table taken apart into streams that each compress well. */
export interface TableStreams {
  /** Slots in use, a byte a line. */
  readonly occupancy: Uint8Array
  /** Check bytes; within a line they ascend, and each but the first is stored as the distance to the one before. */
  readonly checks: Uint8Array
  /** See {@link streamOf}; [0] holds the roots. */
  readonly histories: readonly Uint8Array[]
}

/** The streams of a table, for the trainer. A slot whose check byte is 0 is empty. */
export function takeApart(table: Uint8Array, seen: SeenBits): TableStreams {
  const lines = table.length / lineLength
  const occupancy = new Uint8Array(lines)
  const checks: number[] = []
  const histories: number[][] = Array.from({ length: streamCount }, () => [])
  const walk = (slot: number, node: number, stream: number): void => {
    const history = table[slot + node] ?? 0
    histories[stream]?.push(history)
    if (node > historiesPerSlot / 2) return
    const bits = seen[history] ?? 0
    if (bits & 1) walk(slot, node * 2, streamOf(history, 0))
    if (bits & 2) walk(slot, node * 2 + 1, streamOf(history, 1))
  }
  for (let line = 0; line < lines; line++) {
    const start = line * lineLength
    const slots = [0, 1, 2, 3].filter((slot) => table[start + slot] !== 0)
    slots.sort((one, other) => (table[start + one] ?? 0) - (table[start + other] ?? 0))
    occupancy[line] = slots.length
    let last = 0
    for (const slot of slots) {
      const check = table[start + slot] ?? 0
      checks.push(check - last)
      last = check
      walk(start + slotsPerLine - 1 + slot * historiesPerSlot, 1, 0)
    }
  }
  return {
    occupancy,
    checks: Uint8Array.from(checks),
    histories: histories.map((stream) => Uint8Array.from(stream)),
  }
}

/** Bytes of a packed slot: its check byte and its histories. */
export const packedSlotLength = 1 + historiesPerSlot

/**
 * Puts a table together in the packed form that the kernel unpacks: the occupancy of all lines, then 16 bytes a slot. About 0.1 s for a
 * million slots.
 * @param packed all zeros, as long as the streams say
 * @throws LmzError `Corrupt` where the streams do not fit together
 */
export function putTogether({ occupancy, checks, histories }: TableStreams, packed: Uint8Array, seen: SeenBits): void {
  const positions = new Uint32Array(streamCount)
  const streams = Array.from({ length: streamCount }, (_none, stream) => histories[stream] ?? new Uint8Array())
  const stack = new Uint16Array(2 * (historiesPerSlot + 1))
  packed.set(occupancy)
  let slot = occupancy.length
  let nextCheck = 0
  for (const used of occupancy) {
    let check = 0
    for (let number = 0; number < used; number++) {
      check += checks[nextCheck++] ?? 0
      packed[slot] = check
      stack[0] = 1
      stack[1] = 0
      for (let height = 1; height > 0;) {
        height--
        const node = stack[height * 2] ?? 0
        const stream = stack[height * 2 + 1] ?? 0
        const at = positions[stream] ?? 0
        positions[stream] = at + 1
        const history = streams[stream]?.[at] ?? 0
        packed[slot + node] = history
        if (node > historiesPerSlot / 2) continue
        const bits = seen[history] ?? 0
        // The child after a zero comes first, so it goes on the stack last.
        if (bits & 2) {
          stack[height * 2] = node * 2 + 1
          stack[height * 2 + 1] = streamOf(history, 1)
          height++
        }
        if (bits & 1) {
          stack[height * 2] = node * 2
          stack[height * 2 + 1] = streamOf(history, 0)
          height++
        }
      }
      slot += packedSlotLength
    }
  }
  const isConsumed = streams.every((stream, number) => positions[number] === stream.length)
  if (!isConsumed || nextCheck !== checks.length) {
    throw new LmzError('Corrupt', 'A model file of lmz is damaged. Install lmz again; archives are not affected.')
  }
}
