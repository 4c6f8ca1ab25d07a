import { LmzError } from '../../contract/error'
import type { PasswordOptions } from '../../contract/password'
import { type Footer, isEncrypted } from '../../format/footer'
import { archiveTagOf, equalBytes, frameTypes } from '../../format/frame'
import { decodeHeader, featureFlags, type Header, headerLength } from '../../format/header'
import { type KeySlots, readKeySlots } from '../../format/key-slots'
import { findLastFooter, scanFrames } from '../../format/scan'
import { MasterKey } from './master-key'
import { Encryption } from './encryption'
import type { ArchiveSource } from '../storage'

/** What opens an archive: a key that is at hand already, or a password. */
export interface UnlockOptions extends PasswordOptions {
  readonly masterKey?: MasterKey | undefined
}

/** Keys frames that are looked at in an archive whose newest ones are damaged. */
const mostKeysFrames = 1000

/**
 * Asks for the password of an archive, if it has one. Costs a look at its last bytes; behind damage, more.
 * @returns the same source for an archive that is not encrypted; else one whose frames can be opened
 * @throws LmzError `Auth` (password: missing or wrong; damaged: nothing is left that a password could be tried on), `Limit` for an
 *   archive that makes trying a password too costly, and what `askPassword` throws
 */
export async function unlockSource(
  source: ArchiveSource,
  name: string,
  options: UnlockOptions,
): Promise<ArchiveSource> {
  const header = decodeHeader(source.read(0, Math.min(headerLength, source.size)))
  const footer = newestFooter(source, header)
  if (!isSecret(source, header, footer)) return source
  const keySlots = findKeySlots(source, header, footer)
  if (keySlots === undefined) {
    const message = `${name} is encrypted, and what its password opens is damaged. Nothing in it can be read any more.`
    throw new LmzError('Auth', message, { subject: name, reason: 'damaged' })
  }
  const masterKey = await unlocked(keySlots, name, options)
  const encryption = new Encryption(masterKey, keySlots.archiveId)
  const isCurrent =
    footer?.authentication === undefined || equalBytes(footer.authentication.keySlotsHash, keySlots.hash)
  return new UnlockedSource(source, encryption, keySlots.isWhole && isCurrent)
}

async function unlocked(keySlots: KeySlots, name: string, options: UnlockOptions): Promise<MasterKey> {
  const { masterKey, password, askPassword, allowCostlyPassword = false } = options
  const known = masterKey?.withSlots(keySlots)
  if (known !== undefined) return known
  const isWrong = (): LmzError =>
    new LmzError('Auth', `That is not the password of ${name}.`, { subject: name, reason: 'password' })
  if (password !== undefined) {
    const found = await MasterKey.unlock(keySlots, password, allowCostlyPassword)
    if (found !== undefined) return found
    throw isWrong()
  }
  if (askPassword === undefined) {
    const message = `${name} is encrypted. It opens with its password alone.`
    throw new LmzError('Auth', message, { subject: name, reason: 'password' })
  }
  for (let attempt = 1; ; attempt++) {
    const answer = await askPassword({ archive: name, attempt })
    const found = await MasterKey.unlock(keySlots, answer, allowCostlyPassword)
    if (found !== undefined) return found
  }
}

/** A footer that says what no footer can is passed over here; opening tells of it. */
function newestFooter(source: ArchiveSource, header: Header | undefined): Footer | undefined {
  try {
    return findLastFooter(source, source.size, header && archiveTagOf(header.archiveId))
  } catch (cause) {
    if (cause instanceof LmzError && cause.code === 'Format') return undefined
    throw cause
  }
}

/** What says "encrypted" in one place counts: nothing is taken from an archive that only lost, or was robbed of, the other. */
function isSecret(source: ArchiveSource, header: Header | undefined, footer: Footer | undefined): boolean {
  if (header !== undefined && (header.features & featureFlags.encrypted) !== 0) return true
  if (footer !== undefined) return isEncrypted(footer)
  if (header !== undefined) return false
  for (const frame of scanFrames(source, 0, undefined)) {
    if (frame !== undefined) return frame.header.type === frameTypes.keys || frame.header.type === frameTypes.sealed
  }
  return false
}

/** The slots that the newest commit names or, where those are damaged, another copy, or else the newest that are left. */
function findKeySlots(
  source: ArchiveSource,
  header: Header | undefined,
  footer: Footer | undefined,
): KeySlots | undefined {
  const hash = footer?.authentication?.keySlotsHash
  const found: KeySlots[] = []
  const isRight = (slots: KeySlots): boolean =>
    slots.isWhole && (hash === undefined ? footer === undefined : equalBytes(slots.hash, hash))
  for (const position of [footer?.keySlots, header?.keySlots]) {
    const slots = position === undefined ? undefined : readKeySlots(source, position)
    if (slots === undefined) continue
    if (isRight(slots) && footer !== undefined) return slots
    found.push(slots)
  }
  for (const frame of scanFrames(source, 0, undefined)) {
    if (frame?.header.type !== frameTypes.keys || found.length > mostKeysFrames) continue
    const slots = readKeySlots(source, frame.position)
    if (slots !== undefined) found.push(slots)
  }
  const id = footer?.archiveId ?? header?.archiveId
  const own = found.filter(({ archiveId }) => id === undefined || equalBytes(archiveId, id))
  const usable = own.filter(({ slots }) => slots.length > 0)
  return usable.find(isRight) ?? usable.sort(byUse)[0]
}

/** Whole ones first, then the newest. */
function byUse(left: KeySlots, right: KeySlots): number {
  return Number(right.isWhole) - Number(left.isWhole) || right.generation - left.generation
}

/** An encrypted archive's file, and what opens its frames. */
class UnlockedSource implements ArchiveSource {
  readonly encryption: Encryption
  readonly isSlotsCurrent: boolean
  readonly #source: ArchiveSource

  constructor(source: ArchiveSource, encryption: Encryption, isSlotsCurrent: boolean) {
    this.#source = source
    this.encryption = encryption
    this.isSlotsCurrent = isSlotsCurrent
  }

  get size(): number {
    return this.#source.size
  }

  get seal() {
    return this.encryption.seal
  }

  get descriptor(): number {
    return this.#source.descriptor
  }

  read(position: number, length: number): Uint8Array {
    return this.#source.read(position, length)
  }

  hasShrunk(): boolean {
    return this.#source.hasShrunk()
  }

  close(): void {
    this.#source.close()
  }
}
