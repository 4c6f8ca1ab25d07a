import { LmzError } from '../../contract/error'
import type { DeltaLayout } from '../../kernels/delta-kernel'
import type { BaseName } from '../codec'

/** What stands before the tables. */
export const headLength = 36

const longestBlock = 16 * 1024 * 1024

export interface DeltaHead {
  readonly base: BaseName
  readonly layout: DeltaLayout
  /** Bytes of coded tokens. */
  readonly codeLength: number
}

export function encodeHead({ base, layout, codeLength }: DeltaHead): Uint8Array {
  const head = Buffer.alloc(headLength)
  head.writeBigUInt64LE(BigInt(base.id), 0)
  head.set(base.hash, 8)
  head.writeInt32LE(base.offset, 24)
  head.set([layout.width, layout.exponentBits, layout.rate, layout.shift], 28)
  head.writeUInt32LE(codeLength, 32)
  return head
}

/** @throws LmzError `Corrupt` */
export function decodeBaseName(stored: Uint8Array): BaseName {
  if (stored.length < headLength) throw makesNoSense()
  const head = Buffer.from(stored.buffer, stored.byteOffset, headLength)
  const id = head.readBigUInt64LE(0)
  const offset = head.readInt32LE(24)
  if (id === 0n || id > BigInt(Number.MAX_SAFE_INTEGER) || Math.abs(offset) > longestBlock) throw makesNoSense()
  return { id: Number(id), hash: Uint8Array.from(stored.subarray(8, 24)), offset }
}

/** @throws LmzError `Corrupt` for a head that no writer makes */
export function decodeHead(stored: Uint8Array): DeltaHead {
  const base = decodeBaseName(stored)
  const head = Buffer.from(stored.buffer, stored.byteOffset, headLength)
  const [width = 0, exponentBits = 0, rate = 0, shift = 0] = head.subarray(28, 32)
  const isLayout = [1, 2, 4, 8].includes(width) && exponentBits < Math.min(width * 8, 16) && rate < 16 && shift < 16
  if (!isLayout) throw makesNoSense()
  return { base, layout: { width, exponentBits, rate, shift }, codeLength: head.readUInt32LE(32) }
}

/** The same payload, of a copy in which the base has another number. */
export function renamed(stored: Uint8Array, id: number): Uint8Array {
  const copy = Buffer.from(stored)
  copy.writeBigUInt64LE(BigInt(id), 0)
  return copy
}

function makesNoSense(): LmzError {
  return new LmzError('Corrupt', 'The head of a delta block makes no sense.')
}
