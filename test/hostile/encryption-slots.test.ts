import { describe, expect, it } from 'vitest'
import { MasterKey } from '../../src-main/archive/encryption/master-key'
import { commitmentOf } from '../../src-main/crypto/derived-keys'
import { checkCosts, defaultCost, fitTogether, type StretchCost } from '../../src-main/crypto/stretch'
import { MemorySource } from '../../src-main/format/byte-source'
import { encodeKeySlots, type KeySlots, readKeySlots } from '../../src-main/format/key-slots'
import { craftedPassword, craftKeySlots } from '../support/crafted-keys'
import { isDamaged } from '../support/tampering'

/* Key slots that somebody wrote who wants a password to open the wrong key, or to cost more than anybody would pay. */

describe('what two keys open', () => {
  it('is refused: the data could be made to mean one thing to one reader and another to the next', async () => {
    // A slot whose password opens another master key than the one that the archive commits itself to.
    const cost = { memoryKib: 1024, passes: 1, lanes: 1 }
    const [one, other] = [await MasterKey.create('one', cost), await MasterKey.create('other', cost)]
    const archiveId = Buffer.alloc(16, 5)
    const { frame } = encodeKeySlots({
      generation: 1,
      archiveId,
      commitment: commitmentOf(one.bytes),
      slots: [...one.slots, ...other.slots],
    })
    const keySlots = readKeySlots(new MemorySource(frame), 0)!
    expect(Buffer.from((await MasterKey.unlock(keySlots, 'one', false))?.bytes ?? [])).toEqual(one.bytes)
    await expect(MasterKey.unlock(keySlots, 'other', false)).rejects.toEqual(isDamaged)
    expect(await MasterKey.unlock(keySlots, 'neither', false)).toBeUndefined()
  })
})

describe('what one password costs', () => {
  const gibibyte = 1024 * 1024
  const slotsWith = async (costs: readonly StretchCost[]): Promise<KeySlots> => {
    const [slot] = readKeySlots(new MemorySource((await craftKeySlots()).frame), 0)!.slots
    const keys = { generation: 1, archiveId: Buffer.alloc(16), commitment: Buffer.alloc(32) }
    const slots = costs.map((cost) => ({ ...slot!, cost }))
    return readKeySlots(new MemorySource(encodeKeySlots({ ...keys, slots }).frame), 0)!
  }

  it.each([
    ['64 GiB', 64 * gibibyte, 3],
    ['a million passes', 64 * 1024, 1_000_000],
  ])('is looked at before it is spent: %s', async (_name, memoryKib, passes) => {
    const forged = await slotsWith([{ memoryKib, passes, lanes: 1 }])
    const start = performance.now()
    for (const allowed of [false, true]) {
      await expect(MasterKey.unlock(forged, craftedPassword, allowed)).rejects.toMatchObject({ code: 'Limit' })
    }
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('is the sum of all slots: eight that are just reasonable would take 8 GiB, and more than a minute', async () => {
    const forged = await slotsWith(Array.from({ length: 8 }, () => ({ memoryKib: gibibyte, passes: 4, lanes: 1 })))
    const before = process.cpuUsage()
    await expect(MasterKey.unlock(forged, craftedPassword, false)).rejects.toMatchObject({ code: 'Limit' })
    const { user, system } = process.cpuUsage(before)
    expect(user + system, 'microseconds of the processor').toBeLessThan(1e6)
  })

  it('is not too much for eight passwords of the usual cost', () => {
    expect(() => checkCosts(Array.from({ length: 8 }, () => defaultCost))).not.toThrow()
  })

  it('takes a gibibyte at a time: slots that ask for more together do not fit together', () => {
    const large = { memoryKib: gibibyte / 2 + 1, passes: 1, lanes: 1 }
    expect(fitTogether([large])).toBe(true)
    expect(fitTogether([large, large])).toBe(false)
  })
})
