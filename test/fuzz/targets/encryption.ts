import { Archive } from '../../../src-main/archive/archive'
import type { Encryption } from '../../../src-main/archive/encryption/encryption'
import { MasterKey } from '../../../src-main/archive/encryption/master-key'
import { unlockSource } from '../../../src-main/archive/encryption/unlock'
import { LmzError } from '../../../src-main/contract/error'
import { checkCosts } from '../../../src-main/crypto/stretch'
import { MemorySource } from '../../../src-main/format/byte-source'
import { frameMagic } from '../../../src-main/format/frame'
import { type KeySlots, readKeySlots } from '../../../src-main/format/key-slots'
import { craftLayout, type EncryptedCraft } from '../../support/crafted-encrypted'
import {
  craftedEncryption,
  craftedMasterKey,
  craftedPassword,
  craftKeySlots,
  isCraftedKey,
  signKeySlots,
} from '../../support/crafted-keys'
import { memoryStorage } from '../../support/in-memory-archive'
import type { Random } from '../../support/random'
import { sealLayout, signLayout } from '../../support/sealed-layout'
import type { Target } from '../guided'
import { useAll } from './container'

/** Making a key of a password may cost this much here; what is allowed but costs more is not tried. */
const mostWork = 1024

/** A keys frame, and a password that may open it: nothing but the one key it was made for may come out, and nothing costly is done. */
export const keySlots: Target = {
  name: 'key slots',
  covers: /format\/key-slots|archive\/encryption\/master-key|crypto\/stretch/,
  longest: 1100,
  async seeds() {
    const { frame } = await craftKeySlots()
    const cost = { memoryKib: 8, passes: 1, lanes: 1 }
    const one = await craftKeySlots([{ password: craftedPassword, cost }])
    const eight = await craftKeySlots(
      Array.from({ length: 8 }, (_none, at) => ({ password: at === 5 ? craftedPassword : `${at}`, cost })),
    )
    return [frame, one.frame, eight.frame]
  },
  repair(input) {
    if (input.length % 4 !== 0) signKeySlots(input, 0)
  },
  async run(input) {
    const slots = readKeySlots(new MemorySource(input), 0)
    if (slots === undefined) throw new LmzError('Corrupt', 'There are no key slots.')
    if (isDear(slots)) return
    const key = await MasterKey.unlock(slots, craftedPassword, false)
    if (key === undefined) throw new LmzError('Auth', 'That is not the password.', { reason: 'password' })
    if (!isCraftedKey(key.bytes)) throw new Error('a password opened a key that is not the one')
  },
}

/** Whether trying a password would be done, and take its time. What lmz refuses to do must be refused at once, so it is let through. */
function isDear({ slots }: KeySlots): boolean {
  try {
    checkCosts(slots.map(({ cost }) => cost))
  } catch (thrown) {
    if (thrown instanceof LmzError) return false
    throw thrown
  }
  return slots.reduce((sum, { cost }) => sum + cost.memoryKib * cost.passes, 0) > mostWork
}

/** Header, footers and keys frames, from which a password's way leads to the key. */
export const unlocking: Target = {
  name: 'unlocking',
  covers:
    /archive\/encryption\/(unlock|unlocked-states|master-key|encryption)\.ts|format\/(key-slots|header|footer|scan)/,
  longest: 12_000,
  seeds: layouts,
  repair: sign,
  async run(input) {
    const encryption = await theEncryption()
    const bytes = sealLayout(input, encryption.seal)
    for (let at = bytes.indexOf(frameMagic); at !== -1; at = bytes.indexOf(frameMagic, at + 1)) {
      const slots = slotsAt(bytes, at)
      if (slots !== undefined && isDear(slots)) return
    }
    const source = memoryStorage(bytes).openSource('x.lmz')
    const opened = await unlockSource(source, 'x.lmz', { password: craftedPassword })
    const key = opened.encryption?.masterKey
    if (key !== undefined && !isCraftedKey(key.bytes)) throw new Error('a password opened a key that is not the one')
    opened.encryption?.forget()
  },
}

/** @returns undefined also for those that are refused */
function slotsAt(bytes: Buffer, at: number): KeySlots | undefined {
  try {
    return readKeySlots(new MemorySource(bytes), at)
  } catch (thrown) {
    if (thrown instanceof LmzError) return undefined
    throw thrown
  }
}

/**
 * What somebody with the password can write, or a writer of lmz that has gone mad: all that is behind the seal, with codes and tags
 * that are right. The parsers of index, blocks, primers and footers get it as they would in a plain archive.
 */
export const sealed: Target = {
  name: 'encrypted archive: what is behind the seal',
  covers:
    /format\/(seal|padding|frame-reader|footer|footer-authentication|scan)|archive\/(archive|snapshot|locate-block|block-reader|index-frame|encryption\/(encryption|lineage))\.ts/,
  longest: 30_000,
  seeds: layouts,
  repair: sign,
  async run(input) {
    const { seal } = await theEncryption()
    const storage = memoryStorage(sealLayout(input, seal))
    const masterKey = await craftedMasterKey()
    for (const isForSalvage of [false, true]) {
      const opened = await (isForSalvage
        ? Archive.openForSalvage('x.lmz', storage, { masterKey })
        : Archive.open('x.lmz', storage, { masterKey }))
      try {
        useAll(opened)
      } finally {
        opened.close()
      }
    }
  },
}

let encryption: Encryption | undefined

/** Made with the seeds, so that it is there when inputs are signed. */
async function theEncryption(): Promise<Encryption> {
  encryption ??= await craftedEncryption()
  return encryption
}

async function layouts(random: Random): Promise<readonly Buffer[]> {
  await theEncryption()
  const text = { 'a.txt': random.text(300), 'b.txt': random.text(200) }
  const crafts: readonly EncryptedCraft[] = [
    { blocks: [text], commits: 1 },
    { blocks: [text, { 'c.bin': random.bytes(100) }], commits: 2 },
    { primer: random.text(90), blocks: [text], commits: 1 },
    // Of two segments.
    { blocks: [{ long: random.bytes(17_000) }], commits: 1 },
  ]
  const made: Buffer[] = []
  for (const craft of crafts) made.push(await craftLayout(random, craft))
  return made
}

function sign(input: Buffer): void {
  if (encryption !== undefined) signLayout(input, encryption)
}
