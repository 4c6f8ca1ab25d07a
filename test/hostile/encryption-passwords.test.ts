import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { changePasswords } from '../../src-main/archive/encryption/change-passwords'
import { createArchive } from '../../src-main/archive/create'
import { compactArchive } from '../../src-main/archive/rewrite'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { verifyArchive } from '../../src-main/archive/verify'
import type { PasswordChange } from '../../src-main/contract/password'
import { MemorySource } from '../../src-main/format/byte-source'
import { footerEnd } from '../../src-main/format/footer'
import { decodeFrameHeader } from '../../src-main/format/frame'
import { FrameSeal, FrameSealer } from '../../src-main/format/seal'
import { scanFrames } from '../../src-main/format/scan'
import { stateOf } from '../support/archive-state'
import { makeEncrypted, password, stretchCost, writeSecretTree } from '../support/encrypted-archive'
import { Random, seed } from '../support/random'
import { momentsOf, RecordingStorage } from '../support/recording-storage'
import { temporaryFolder } from '../support/temporary'

const newPassword = 'Ein neues Wort, 新しい'

async function opens(path: string, tried: string): Promise<boolean> {
  return Archive.open(path, undefined, { password: tried }).then(
    (archive) => {
      archive.close()
      return true
    },
    () => false,
  )
}

describe('a password that is changed, added or removed', () => {
  it('is what opens the archive from then on, and no block is touched', { timeout: 60_000 }, async () => {
    const archive = await makeEncrypted(temporaryFolder())
    const before = readFileSync(archive)
    expect(await changePasswords(archive, { change: 'add', password, newPassword, stretchCost })).toMatchObject({
      passwords: 2,
    })
    expect([await opens(archive, password), await opens(archive, newPassword)]).toEqual([true, true])
    await changePasswords(archive, { change: 'change', password, newPassword: 'third', stretchCost })
    expect([await opens(archive, password), await opens(archive, 'third')]).toEqual([false, true])
    expect(await changePasswords(archive, { change: 'remove', password: 'third' })).toMatchObject({ passwords: 1 })
    expect([await opens(archive, 'third'), await opens(archive, newPassword)]).toEqual([false, true])
    const after = readFileSync(archive)
    expect(after.subarray(0, before.length).equals(before)).toBe(true)
    expect(after.length - before.length).toBeLessThan(3 * 10_000)
    expect((await verifyArchive(archive, { password: newPassword })).problems).toEqual([])
    for (const options of [
      { change: 'remove', password: newPassword },
      { change: 'add', password: newPassword, newPassword: '' },
      { change: 'add', password: newPassword },
    ] as const) {
      await expect(changePasswords(archive, options)).rejects.toMatchObject({ code: 'Usage' })
    }
    await expect(changePasswords(archive, { change: 'add', password, newPassword: 'x' })).rejects.toMatchObject({
      code: 'Auth',
      reason: 'password',
    })
    expect(readFileSync(archive).equals(after), 'a refused change left something').toBe(true)
  })

  it('leaves nothing that an old password opens, once the archive was compacted', { timeout: 60_000 }, async () => {
    const archive = await makeEncrypted(temporaryFolder())
    const old = await Archive.open(archive, undefined, { password })
    const oldKey = old.encryption?.masterKey.copy()
    old.close()
    await changePasswords(archive, { change: 'change', password, newPassword, stretchCost })
    // Whoever knows the old password can still go back to the commit before.
    const changed = await Archive.open(archive, undefined, { masterKey: oldKey })
    const [, earlier] = [...changed.commits()]
    changed.close()
    const rolledBack = join(temporaryFolder(), 'back.lmz')
    writeFileSync(rolledBack, readFileSync(archive).subarray(0, footerEnd(earlier!)))
    expect(await opens(rolledBack, password)).toBe(true)
    await compactArchive(archive, { password: newPassword })
    await expect(Archive.open(archive, undefined, { masterKey: oldKey })).rejects.toMatchObject({ code: 'Auth' })
    expect(await opens(archive, newPassword)).toBe(true)
  })

  it('is not added twice: it would still open the archive when it was removed', { timeout: 60_000 }, async () => {
    const archive = await makeEncrypted(temporaryFolder())
    await changePasswords(archive, { change: 'add', password, newPassword, stretchCost })
    const before = readFileSync(archive)
    for (const options of [
      { change: 'add', password, newPassword },
      { change: 'add', password, newPassword: password },
      { change: 'change', password, newPassword },
    ] as const) {
      await expect(changePasswords(archive, { ...options, stretchCost })).rejects.toMatchObject({
        code: 'Usage',
        message: expect.stringMatching(/opens with this password already/) as string,
      })
    }
    expect(readFileSync(archive).equals(before), 'a refused change left something').toBe(true)
    await changePasswords(archive, { change: 'remove', password: newPassword })
    expect([await opens(archive, password), await opens(archive, newPassword)]).toEqual([true, false])
  })

  it('leaves a protected archive intact, one of whose two lists of files is damaged', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const archive = join(folder, 'secret.lmz')
    await createArchive(archive, [writeSecretTree(folder)], {
      preset: 'fast',
      password,
      stretchCost,
      protection: 'normal',
    })
    await changePasswords(archive, { change: 'change', password, newPassword, stretchCost })
    await changePasswords(archive, { change: 'change', password: newPassword, newPassword: 'third', stretchCost })
    const options = { password: 'third' }
    const state = await stateOf(archive, options)
    const opened = await Archive.open(archive, undefined, options)
    const { index, sequence } = opened.footer!
    opened.close()
    const bytes = readFileSync(archive)
    writeFileSync(archive, bytes.fill(0x55, index.position + 100, index.position + 200))
    const left = await Archive.open(archive, undefined, options)
    expect(left).toMatchObject({ condition: 'intact', footer: { sequence } })
    expect(left.notices).toEqual([expect.stringMatching(/^One of the two lists of files of secret\.lmz is damaged/)])
    left.close()
    expect(await stateOf(archive, options)).toEqual(state)
    // It can be built upon, by another change of passwords too.
    await changePasswords(archive, { change: 'change', ...options, newPassword: 'fourth', stretchCost })
    writeFileSync(join(folder, 'new.txt'), 'new')
    await addToArchive(archive, [join(folder, 'new.txt')], { password: 'fourth' })
    expect(await verifyArchive(archive, { password: 'fourth' })).toMatchObject({ condition: 'intact', damagedFiles: 0 })
  })

  it('of several stay the passwords of what is written anew', { timeout: 60_000 }, async () => {
    const archive = await makeEncrypted(temporaryFolder())
    await changePasswords(archive, { change: 'add', password, newPassword, stretchCost })
    await compactArchive(archive, { password })
    expect([await opens(archive, password), await opens(archive, newPassword)]).toEqual([true, true])
  })

  it.each<PasswordChange>(['change', 'add', 'remove'])(
    'leaves the old or the new passwords in force, wherever the power is cut: %s',
    { timeout: 60_000 },
    async (change) => {
      const folder = temporaryFolder()
      const archive = await makeEncrypted(folder)
      if (change === 'remove') await changePasswords(archive, { change: 'add', password, newPassword, stretchCost })
      const before = readFileSync(archive)
      const opened = await Archive.open(archive, undefined, { password })
      const masterKey = opened.encryption!.masterKey.copy()
      const oldSlots = masterKey.slots.length
      opened.close()
      const state = await stateOf(archive, { masterKey })
      const storage = new RecordingStorage()
      await changePasswords(archive, { change, password, newPassword, stretchCost }, storage)
      const newSlots = { change: 1, add: 2, remove: 1 }[change]
      const crashed = join(folder, 'crashed.lmz')
      const random = new Random(seed)
      const operations = storage.operations.map(({ kind }) => kind)
      const moments = [...momentsOf(before, storage.operations)]
      let checked = 0
      const check = async (bytes: Buffer, isNew: boolean | undefined, label: string): Promise<void> => {
        writeFileSync(crashed, bytes)
        const left = await Archive.open(crashed, undefined, { masterKey })
        expect(left.condition, label).not.toBe('degraded')
        const isNewFooter = left.footer!.position > before.length
        if (isNew !== undefined) expect(isNewFooter, label).toBe(isNew)
        expect(left.encryption?.masterKey.slots, label).toHaveLength(isNewFooter ? newSlots : oldSlots)
        left.close()
        expect(await stateOf(crashed, { masterKey }), label).toEqual(state)
        checked++
      }
      for (const [at, { durable, pending }] of moments.entries()) {
        await check(Buffer.concat([durable, pending]), at >= moments.length - 2, `killed after operation ${at}`)
        if (operations[at] !== 'sync') continue
        for (let length = 0; length <= pending.length; length += 128) {
          await check(Buffer.concat([durable, pending.subarray(0, length)]), undefined, `cut in sync ${at}, ${length}`)
        }
        const torn = Buffer.from(pending)
        for (let sector = 0; sector < torn.length; sector += 512) {
          if (random.share() < 0.5) torn.fill(0, sector, Math.min(torn.length, sector + 512))
        }
        await check(Buffer.concat([durable, torn]), undefined, `torn in sync ${at}`)
      }
      expect(checked).toBeGreaterThan(30)
      // With passwords, at the moments that matter: before and after the last sync.
      for (const [bytes, expected] of [
        [Buffer.concat([moments[1]!.durable, moments[1]!.pending]), change === 'remove' ? [true, true] : [true, false]],
        [readFileSync(archive), { change: [false, true], add: [true, true], remove: [false, true] }[change]],
      ] as const) {
        writeFileSync(crashed, bytes)
        expect([await opens(crashed, password), await opens(crashed, newPassword)]).toEqual(expected)
      }
      const end = await Archive.open(archive, undefined, { masterKey, password: newPassword })
      expect(end.encryption?.masterKey.slots).toHaveLength(newSlots)
      end.close()
    },
  )
})

describe('sealed frames', () => {
  it('never share a nonce: two messages under one would give both away', () => {
    const random = new Random(seed)
    const seal = new FrameSeal({ key: random.bytes(32), archiveId: random.bytes(16) })
    const frames = process.env['LMZ_LONG'] === '1' ? 10_000_000 : 20_000
    const nonces = new BigUint64Array(frames)
    for (let n = 0; n < frames; n++) {
      // The same frame of the same archive, as a job that is broken off and begun anew, or a machine set back, would seal it.
      const { head } = FrameSealer.start(seal, 64, 1n)
      nonces[n] = Buffer.from(head.buffer, head.byteOffset, head.length).readBigUInt64LE(64)
    }
    // Of the 19 random bytes, the first 8 alone are enough to tell ten million apart.
    nonces.sort()
    expect(nonces.findIndex((nonce, at) => nonce === nonces[at + 1])).toBe(-1)
  }, 7_200_000)

  it('have other bytes each time, whatever is in them', { timeout: 30_000 }, async () => {
    const hashes = new Set<string>()
    for (let n = 0; n < 2; n++) {
      const archive = readFileSync(await makeEncrypted(temporaryFolder()))
      for (const frame of scanFrames(new MemorySource(archive), 0, undefined)) {
        if (frame?.header.type !== 7) continue
        const { storedLength } = decodeFrameHeader(archive.subarray(frame.position))!
        const bytes = archive.subarray(frame.position + 64, frame.position + 64 + storedLength)
        for (let at = 0; at + 16 <= bytes.length; at += 16) hashes.add(bytes.toString('latin1', at, at + 16))
        hashes.add(createHash('sha256').update(bytes).digest('hex'))
      }
    }
    expect(hashes.size).toBeGreaterThan(10_000)
  })
})

describe('salvage', () => {
  it('saves the blocks of an encrypted archive whose index is lost, and encrypts what it saves', async () => {
    const folder = temporaryFolder()
    const archive = await makeEncrypted(folder)
    const opened = await Archive.open(archive, undefined, { password })
    const { index } = opened.footer!
    opened.close()
    const bytes = readFileSync(archive)
    bytes.fill(0x55, index.position + 200, index.position + 400)
    writeFileSync(archive, bytes)
    const target = join(folder, 'saved.lmz')
    await expect(salvageArchive(archive, target)).rejects.toMatchObject({ code: 'Auth', reason: 'password' })
    const report = await salvageArchive(archive, target, { password })
    expect(report.files).toBeGreaterThan(5)
    await expect(Archive.open(target)).rejects.toMatchObject({ code: 'Auth', reason: 'password' })
    expect((await verifyArchive(target, { password })).problems).toEqual([])
  }, 60_000)
})
