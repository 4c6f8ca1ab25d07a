import { crc32 } from 'node:zlib'
import { LmzError } from '../contract/error'
import { mostPasswords } from '../contract/password'
import { commitmentLength } from '../crypto/derived-keys'
import { saltLength, type StretchCost } from '../crypto/stretch'
import { keyLength, nonceLength, tagLength } from '../crypto/xaes'
import type { ByteSource } from './byte-source'
import {
  archiveTagOf,
  contentHashOf,
  decodeFrameHeader,
  encodeFrameHeader,
  equalBytes,
  frameHeaderLength,
  frameTypes,
} from './frame'

/**
 * The master key of an encrypted archive, once for each password, each time encrypted with a key made of the password (docs/format.md,
 * "Key slots"). The frame's payload, little-endian:
 *
 *      0   1  layout, 1
 *      1   1  number of slots, 1 to 8
 *      2   2  zero
 *      4   4  generation: 1, and one more with each change of the slots
 *      8  16  archive id
 *     24  32  commitment to the master key
 *     56      the slots, 112 bytes each:
 *
 *      0   1  1: argon2id, version 1.3
 *      1   3  lanes
 *      4   4  passes
 *      8   4  memory in KiB
 *     12  16  salt
 *     28  24  nonce
 *     52  48  the master key, sealed with XAES-256-GCM; associated data: "lmz 1 slot" and bytes 0 to 27 of the slot
 *    100   8  zero
 *    108   4  CRC-32 of bytes 0 to 107
 */
export interface KeySlots {
  readonly generation: number
  readonly archiveId: Uint8Array
  readonly commitment: Uint8Array
  /** The bytes of each slot, checked by their CRC; damaged ones are left out. */
  readonly slots: readonly KeySlot[]
  /** Whether all of the frame is as it was written. */
  readonly isWhole: boolean
  readonly hash: Uint8Array
}

export interface KeySlot {
  readonly cost: StretchCost
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  readonly sealedKey: Uint8Array
}

export const mostSlots = mostPasswords
const slotsAt = 56
const slotLength = 112
const boundLength = 28
const sealedAt = 52
const argon2id = 1

/** What a slot's sealed key is bound to: how its password was stretched. */
export function slotBinding(slot: Pick<KeySlot, 'cost' | 'salt'>): Uint8Array {
  return Buffer.concat([Buffer.from('lmz 1 slot'), encodeStretching(slot)])
}

function encodeStretching({ cost, salt }: Pick<KeySlot, 'cost' | 'salt'>): Uint8Array {
  const bytes = Buffer.alloc(boundLength)
  bytes.writeUInt8(argon2id, 0)
  bytes.writeUIntLE(cost.lanes, 1, 3)
  bytes.writeUInt32LE(cost.passes, 4)
  bytes.writeUInt32LE(cost.memoryKib, 8)
  bytes.set(salt, 12)
  return bytes
}

/** The complete frame, and the hash by which footers name it. */
export function encodeKeySlots(keys: Pick<KeySlots, 'generation' | 'archiveId' | 'commitment' | 'slots'>): {
  readonly frame: Uint8Array
  readonly hash: Uint8Array
} {
  const payload = Buffer.alloc(slotsAt + keys.slots.length * slotLength)
  payload.writeUInt8(1, 0)
  payload.writeUInt8(keys.slots.length, 1)
  payload.writeUInt32LE(keys.generation, 4)
  payload.set(keys.archiveId, 8)
  payload.set(keys.commitment, 24)
  keys.slots.forEach((slot, at) => {
    const bytes = payload.subarray(slotsAt + at * slotLength, slotsAt + (at + 1) * slotLength)
    bytes.set(encodeStretching(slot))
    bytes.set(slot.nonce, boundLength)
    bytes.set(slot.sealedKey, sealedAt)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, slotLength - 4)), slotLength - 4)
  })
  const hash = contentHashOf(payload)
  const header = encodeFrameHeader({
    type: frameTypes.keys,
    codec: 0,
    archiveTag: archiveTagOf(keys.archiveId),
    id: keys.generation,
    rawLength: payload.length,
    storedLength: payload.length,
    contentHash: hash,
  })
  return { frame: Buffer.concat([header, payload]), hash }
}

/**
 * Reads the key slots at `position`, as far as they are whole.
 * @returns undefined where there are none, or nothing of them is left that could be used
 * @throws LmzError `Unsupported` for slots of a newer version
 */
export function readKeySlots(source: ByteSource, position: number): KeySlots | undefined {
  if (position < 0 || position + frameHeaderLength > source.size) return undefined
  const header = decodeFrameHeader(source.read(position, frameHeaderLength))
  if (header?.type !== frameTypes.keys || header.storedLength > slotsAt + mostSlots * slotLength) return undefined
  const length = Math.min(header.storedLength, source.size - position - frameHeaderLength)
  if (length < slotsAt + slotLength) return undefined
  const payload = Buffer.from(source.read(position + frameHeaderLength, length))
  const isWhole = length === header.storedLength && equalBytes(contentHashOf(payload), header.contentHash)
  if (isWhole && payload.readUInt8(0) !== 1) {
    throw new LmzError('Unsupported', 'The archive keeps its passwords in a way that needs a newer lmz.')
  }
  const slots: KeySlot[] = []
  for (let at = slotsAt; at + slotLength <= length; at += slotLength) {
    const bytes = payload.subarray(at, at + slotLength)
    const isIntact = crc32(bytes.subarray(0, slotLength - 4)) === bytes.readUInt32LE(slotLength - 4)
    if (isIntact && bytes.readUInt8(0) === argon2id) slots.push(decodeSlot(bytes))
  }
  return {
    generation: header.id,
    archiveId: payload.subarray(8, 24),
    commitment: payload.subarray(24, 24 + commitmentLength),
    slots,
    isWhole,
    hash: header.contentHash,
  }
}

function decodeSlot(bytes: Buffer): KeySlot {
  return {
    cost: { lanes: bytes.readUIntLE(1, 3), passes: bytes.readUInt32LE(4), memoryKib: bytes.readUInt32LE(8) },
    salt: bytes.subarray(12, 12 + saltLength),
    nonce: bytes.subarray(boundLength, boundLength + nonceLength),
    sealedKey: bytes.subarray(sealedAt, sealedAt + keyLength + tagLength),
  }
}
