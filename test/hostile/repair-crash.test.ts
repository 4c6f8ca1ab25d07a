import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { protectArchive } from '../../src-main/archive/protection/protect'
import { verifyArchive } from '../../src-main/archive/verify'
import { stateOf } from '../support/archive-state'
import { overwrite } from '../support/parity-trials'
import { Random, seed } from '../support/random'
import { momentsOf, RecordingStorage } from '../support/recording-storage'
import { temporaryFolder } from '../support/temporary'

const isLong = process.env['LMZ_LONG'] === '1'
const random = new Random(seed)

function writeSource(folder: string, name: string): string {
  const source = join(folder, name)
  mkdirSync(source)
  for (let n = 0; n < 3; n++) writeFileSync(join(source, `${name}-${n}`), random.bytes(9000))
  return source
}

/** What a power cut may leave of bytes that were not synced: some of them, the rest zeros or noise. */
function torn(pending: Buffer): Buffer {
  const left = Buffer.from(pending.subarray(0, random.below(pending.length + 1)))
  for (let at = 0; at < left.length; at += 512) {
    const length = Math.min(512, left.length - at)
    if (random.share() < 0.2) overwrite(left, random, at, length)
  }
  return left
}

describe('a power cut while a protected archive is changed', () => {
  it('leaves the old or the new state, which can be added to and then is protected', { timeout: 600_000 }, async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'x.lmz')
    const options = { preset: 'fast', blockSize: 64 * 1024, protection: 'normal' } as const
    await createArchive(path, [writeSource(folder, 'one')], options)
    const before = readFileSync(path)
    const oldState = await stateOf(path)
    const storage = new RecordingStorage()
    await addToArchive(path, [writeSource(folder, 'two')], {}, storage)
    const newState = await stateOf(path)
    const third = writeSource(folder, 'three')
    const crashed = join(folder, 'crashed.lmz')
    const seen = { old: 0, new: 0 }
    let moment = 0
    for (const { durable, pending } of momentsOf(before, storage.operations)) {
      moment++
      if (!isLong && moment % 3 !== 0) continue
      writeFileSync(crashed, Buffer.concat([durable, torn(pending)]))
      const state = await stateOf(crashed)
      const isNew = JSON.stringify(state) === JSON.stringify(newState)
      seen[isNew ? 'new' : 'old']++
      expect(state, `moment ${moment}`).toEqual(isNew ? newState : oldState)
      const archive = await Archive.open(crashed)
      expect(archive.condition, `moment ${moment}`).not.toBe('degraded')
      expect(archive.isRepaired, `moment ${moment}`).toBe(false)
      archive.close()
      if (moment % (isLong ? 1 : 30) !== 0) continue
      await addToArchive(crashed, [third])
      await protectArchive(crashed)
      const { damagedFiles, protection } = await verifyArchive(crashed)
      expect({ damagedFiles, lost: protection?.lostBytes, parity: protection?.damagedParity }).toEqual({
        damagedFiles: 0,
        lost: 0,
        parity: 0,
      })
    }
    expect(seen.old).toBeGreaterThan(1)
    expect(seen.new).toBeGreaterThan(1)
  })
})
