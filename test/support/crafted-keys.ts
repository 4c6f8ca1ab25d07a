import { crc32 } from 'node:zlib'
import { Encryption } from '../../src-main/archive/encryption/encryption'
import { MasterKey } from '../../src-main/archive/encryption/master-key'
import { commitmentOf } from '../../src-main/crypto/derived-keys'
import { type StretchCost, stretchPassword } from '../../src-main/crypto/stretch'
import { keyLength, Xaes } from '../../src-main/crypto/xaes'
import { MemorySource } from '../../src-main/format/byte-source'
import { contentHashOf, frameHeaderLength } from '../../src-main/format/frame'
import { encodeKeySlots, type KeySlot, readKeySlots, slotBinding } from '../../src-main/format/key-slots'
import { idOfA } from './crafted-archive'
import { Random } from './random'

/* A master key that is always the same, so that what was encrypted with it can be had again. */

export const craftedPassword = 'a password'
const master = Uint8Array.from({ length: keyLength }, (_none, at) => at * 7 + 1)
/** The least that RFC 9106 allows. */
const cheapCost: StretchCost = { memoryKib: 8, passes: 1, lanes: 1 }

export interface CraftedSlot {
  readonly password: string
  readonly cost: StretchCost
}

const twoPasswords: readonly CraftedSlot[] = [
  { password: craftedPassword, cost: cheapCost },
  { password: 'another one', cost: { memoryKib: 16, passes: 2, lanes: 2 } },
]

/** A keys frame whose slots all open the crafted key. */
export async function craftKeySlots(
  passwords: readonly CraftedSlot[] = twoPasswords,
): Promise<{ readonly frame: Uint8Array; readonly hash: Uint8Array }> {
  const random = new Random(11)
  const slots: KeySlot[] = []
  for (const { password, cost } of passwords) {
    const [salt, nonce] = [random.bytes(16), random.bytes(24)]
    const key = await stretchPassword(password, salt, cost)
    slots.push({ cost, salt, nonce, sealedKey: new Xaes(key).seal(nonce, slotBinding({ cost, salt }), master) })
  }
  return encodeKeySlots({ generation: 1, archiveId: idOfA, commitment: commitmentOf(master), slots })
}

let known: Promise<MasterKey> | undefined

/** The crafted key, as its password opens it. */
export function craftedMasterKey(): Promise<MasterKey> {
  known ??= unlockCrafted()
  return known
}

async function unlockCrafted(): Promise<MasterKey> {
  const slots = readKeySlots(new MemorySource((await craftKeySlots()).frame), 0)
  const key = slots === undefined ? undefined : await MasterKey.unlock(slots, craftedPassword, false)
  if (key === undefined) throw new TypeError('the crafted password opens no slot')
  return key
}

/** The keys of an archive whose master key is the crafted one. */
export async function craftedEncryption(): Promise<Encryption> {
  return new Encryption((await craftedMasterKey()).copy(), idOfA)
}

export function isCraftedKey(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).equals(master)
}

/** Makes the checksums of a keys frame fit whatever it says. @returns its hash; undefined if it is cut off */
export function signKeySlots(bytes: Buffer, at: number): Uint8Array | undefined {
  if (at + frameHeaderLength > bytes.length) return undefined
  const start = at + frameHeaderLength
  const end = start + bytes.readUIntLE(at + 22, 6)
  if (end > bytes.length) return undefined
  for (let slot = start + 56; slot + 112 <= end; slot += 112) {
    bytes.writeUInt32LE(crc32(bytes.subarray(slot, slot + 108)), slot + 108)
  }
  const hash = contentHashOf(bytes.subarray(start, end))
  bytes.set(hash, at + 28)
  bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 60)), at + 60)
  return hash
}
