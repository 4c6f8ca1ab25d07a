import { randomBytes } from 'node:crypto'
import { LmzError } from '../../contract/error'
import { areEqual, commitmentOf } from '../../crypto/derived-keys'
import { checkCosts, defaultCost, saltLength, type StretchCost } from '../../crypto/stretch'
import { keyLength, nonceLength, Xaes } from '../../crypto/xaes'
import { type KeySlot, type KeySlots, mostSlots, slotBinding } from '../../format/key-slots'
import { stretchAll, stretchOne } from './stretch-thread'

/** What all of an archive's keys come from, and the slots that its passwords open. Nothing here is ever shown or written as it is. */
export class MasterKey {
  readonly bytes: Uint8Array
  readonly slots: readonly KeySlot[]
  /** Of the slots: 1, and one more with each change of them. */
  readonly generation: number
  /** The slot that was opened, and the key that its password gave. */
  readonly #own: { readonly slot: KeySlot; readonly key: Uint8Array }

  private constructor(
    bytes: Uint8Array,
    slots: readonly KeySlot[],
    generation: number,
    own: { readonly slot: KeySlot; readonly key: Uint8Array },
  ) {
    this.bytes = bytes
    this.slots = slots
    this.generation = generation
    this.#own = own
  }

  /** A new one, with a slot for one password. @throws LmzError `Usage` for a password that is none, `Unsupported` */
  static async create(password: string, cost: StretchCost = defaultCost): Promise<MasterKey> {
    const bytes = randomBytes(keyLength)
    const own = await newSlot(bytes, password, cost)
    return new MasterKey(bytes, [own.slot], 1, own)
  }

  /**
   * @returns undefined if it is the password of none of the slots
   * @throws LmzError `Limit` for slots that ask for more than lmz does unasked, `Auth` (damaged) for a key that is not the archive's
   */
  static async unlock(keySlots: KeySlots, password: string, allowCostly: boolean): Promise<MasterKey | undefined> {
    const { slots, generation, commitment } = keySlots
    checkCosts(
      slots.map(({ cost }) => cost),
      allowCostly,
    )
    const found = await stretchAll(password, slots, allowCostly, (key, slot) => {
      const bytes = new Xaes(key).open(slot.nonce, slotBinding(slot), slot.sealedKey)
      if (bytes !== undefined) return { bytes, own: { slot, key } }
      key.fill(0)
      return undefined
    })
    if (found === undefined) return undefined
    if (!areEqual(commitmentOf(found.bytes), commitment)) {
      const message = 'The archive has a key for this password, but it is not the key that its data belongs to.'
      throw new LmzError('Auth', message, { reason: 'damaged' })
    }
    return new MasterKey(found.bytes, slots, generation, found.own)
  }

  /** The same key with the slots that are found for it; undefined if they are those of another one. */
  withSlots({ commitment, slots, generation }: KeySlots): MasterKey | undefined {
    const isTheirs = areEqual(commitmentOf(this.bytes), commitment)
    return isTheirs ? this.#copyWith(slots, generation) : undefined
  }

  /** One that is forgotten by itself. */
  copy(): MasterKey {
    return this.#copyWith(this.slots, this.generation)
  }

  /**
   * One more password.
   * @throws LmzError `Usage` for a password that is none, or is one of the archive's already; `Limit` if there are as many as there can be
   */
  async withPassword(password: string, cost: StretchCost = defaultCost): Promise<MasterKey> {
    if (this.slots.length >= mostSlots) {
      throw new LmzError('Limit', `An archive has ${mostSlots} passwords at most. Nothing was changed.`)
    }
    checkPassword(password)
    await this.#refuseUsed(password, this.slots)
    const { slot } = await newSlot(this.bytes, password, cost)
    return new MasterKey(this.bytes, [...this.slots, slot], this.generation + 1, this.#own)
  }

  /**
   * The password it was opened with gives way to another.
   * @throws LmzError `Usage` for a password that is none, or is another one of the archive's
   */
  async withPasswordChanged(password: string, cost: StretchCost = defaultCost): Promise<MasterKey> {
    checkPassword(password)
    await this.#refuseUsed(
      password,
      this.slots.filter((slot) => slot !== this.#own.slot),
    )
    const own = await newSlot(this.bytes, password, cost)
    const slots = this.slots.map((slot) => (slot === this.#own.slot ? own.slot : slot))
    return new MasterKey(this.bytes, slots, this.generation + 1, own)
  }

  /** Without the password it was opened with. @throws LmzError `Usage` if it is the only one */
  withoutOwnPassword(): MasterKey {
    if (this.slots.length === 1) {
      const message = 'That is the only password of the archive; without it, nobody could open it. Nothing was changed.'
      throw new LmzError('Usage', message)
    }
    const slots = this.slots.filter((slot) => slot !== this.#own.slot)
    return new MasterKey(this.bytes, slots, this.generation + 1, this.#own)
  }

  /**
   * For an archive that is written anew. Where there is one password, a new master key takes the old one's place: then passwords that
   * the archive once had are of no use for the new file. The other slots of several can only be filled by those who know their passwords,
   * so there the master key stays; the archive's new id makes the keys of its data new all the same.
   */
  renewed(): MasterKey {
    if (this.slots.length > 1) return this.#copyWith(this.slots, 1)
    const bytes = randomBytes(keyLength)
    const { cost, salt } = this.#own.slot
    const slot = sealedSlot(bytes, this.#own.key, { cost, salt })
    return new MasterKey(bytes, [slot], 1, { slot, key: Uint8Array.from(this.#own.key) })
  }

  /** Overwrites the keys. */
  forget(): void {
    this.bytes.fill(0)
    this.#own.key.fill(0)
  }

  /** Of a password that is there twice, the removal of one would leave the other: it would still open the archive. */
  async #refuseUsed(password: string, slots: readonly KeySlot[]): Promise<void> {
    // What these slots cost was allowed when the archive was opened.
    const isUsed = await stretchAll(password, slots, true, (key, slot) => {
      const bytes = new Xaes(key).open(slot.nonce, slotBinding(slot), slot.sealedKey)
      key.fill(0)
      bytes?.fill(0)
      return bytes === undefined ? undefined : true
    })
    if (isUsed === true) {
      throw new LmzError('Usage', 'The archive opens with this password already. Nothing was changed.')
    }
  }

  #copyWith(slots: readonly KeySlot[], generation: number): MasterKey {
    const { slot, key } = this.#own
    return new MasterKey(Uint8Array.from(this.bytes), slots, generation, { slot, key: Uint8Array.from(key) })
  }
}

/** @throws LmzError `Usage` */
function checkPassword(password: string): void {
  if (password === '') throw new LmzError('Usage', 'The password is empty. Nothing was changed.')
}

async function newSlot(
  master: Uint8Array,
  password: string,
  cost: StretchCost,
): Promise<{ readonly slot: KeySlot; readonly key: Uint8Array }> {
  checkPassword(password)
  const salt = randomBytes(saltLength)
  const key = await stretchOne({ password, salt, cost, allowCostly: false })
  return { slot: sealedSlot(master, key, { cost, salt }), key }
}

function sealedSlot(master: Uint8Array, key: Uint8Array, stretching: Pick<KeySlot, 'cost' | 'salt'>): KeySlot {
  const nonce = randomBytes(nonceLength)
  const sealedKey = new Xaes(key).seal(nonce, slotBinding(stretching), master)
  return { ...stretching, nonce, sealedKey }
}
