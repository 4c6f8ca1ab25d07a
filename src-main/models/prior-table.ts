import type { StateKernel } from '../kernels/mix-kernel'
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
const packedSlotLength = 1 + historiesPerSlot

/**
 * Puts a table together in the packed form that the kernel unpacks: the occupancy of all lines, then 16 bytes a slot. The kernel's memory
 * is the workbench: what was in its table and in its block is gone.
 * @returns a part of that memory; undefined where the streams do not fit together
 */
export function putTogether(
  { occupancy, checks, histories }: TableStreams,
  kernel: StateKernel,
): Uint8Array | undefined {
  const { memory, bytes, table, tableEnd } = kernel
  const streams = [occupancy, checks, ...histories]
  const bounds = new Uint32Array(memory.buffer, bytes, 2 * streams.length)
  const packedLength = occupancy.length + checks.length * packedSlotLength
  const streamsLength = streams.reduce((total, { length }) => total + length, 0)
  // The streams stand at the table's end, what is made of them at its start.
  if (packedLength + streamsLength > tableEnd - table) return undefined
  let at = tableEnd - streamsLength
  streams.forEach((stream, number) => {
    memory.set(stream, at)
    bounds.set([at, at + stream.length], 2 * number)
    at += stream.length
  })
  const length = kernel.putTogether(bytes, occupancy.length, table)
  const isConsumed = streams.every((_stream, number) => bounds[2 * number] === bounds[2 * number + 1])
  return isConsumed && length === packedLength ? memory.subarray(table, table + length) : undefined
}
