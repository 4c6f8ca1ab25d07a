import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { compactArchive, removeFromArchive } from '../../src-main/archive/rewrite'
import { verifyArchive } from '../../src-main/archive/verify'
import { footerLength } from '../../src-main/format/footer'
import { stateOf } from '../support/archive-state'
import { Random, seed } from '../support/random'
import { momentsOf, RecordingStorage } from '../support/recording-storage'
import { temporaryFolder } from '../support/temporary'

const sector = 512

/** Files that make several small blocks. */
function writeSource(folder: string, name: string, random: Random): string {
  const source = join(folder, name)
  mkdirSync(source)
  for (let n = 0; n < 6; n++) writeFileSync(join(source, `text-${n}.txt`), random.text(4000 + random.below(9000)))
  writeFileSync(join(source, 'noise.bin'), random.bytes(30_000))
  return source
}

async function makeArchive(folder: string, random: Random): Promise<string> {
  const archive = join(folder, 'target.lmz')
  await createArchive(archive, [writeSource(folder, 'first', random)], { preset: 'fast', blockSize: 64 * 1024 })
  return archive
}

/** What a power cut may make of bytes that were written but not synced: sectors in any order, or none, or old garbage. */
function* tornTails(pending: Buffer, random: Random): Generator<Buffer> {
  for (let length = 0; length <= pending.length; length += sector) yield pending.subarray(0, length)
  yield pending
  for (let sample = 0; sample < 40; sample++) {
    const torn = Buffer.from(pending)
    const kept = random.share()
    for (let at = 0; at < torn.length; at += sector) {
      if (random.share() < kept) continue
      const end = Math.min(torn.length, at + sector)
      if (sample % 2 === 0) torn.fill(0, at, end)
      else random.bytes(end - at).copy(torn, at)
    }
    // The size reaches the disk with the file's metadata, before or after the data.
    yield sample % 3 === 0 ? torn.subarray(0, random.below(torn.length + 1)) : torn
  }
}

describe('a power cut while adding', () => {
  it.each([false, true])(
    'leaves the old or the new state, whatever of the last writes reached the disk (torn tail before: %s)',
    { timeout: 120_000 },
    async (startsTorn) => {
      const folder = temporaryFolder()
      const random = new Random(seed)
      const archive = await makeArchive(folder, random)
      const source = writeSource(folder, 'second', random)
      if (startsTorn) {
        // What an earlier crash left: frames of a change that was never finished, with the numbers that now come again.
        const earlier = join(folder, 'earlier.lmz')
        writeFileSync(earlier, readFileSync(archive))
        await addToArchive(earlier, [writeSource(folder, 'third', random)])
        writeFileSync(archive, readFileSync(earlier).subarray(0, -footerLength - 100))
      }
      const before = readFileSync(archive)
      const oldState = await stateOf(archive)
      const storage = new RecordingStorage()
      await addToArchive(archive, [source], { preset: 'fast' }, storage)
      const newState = await stateOf(archive)
      expect(newState).not.toEqual(oldState)
      const whole = readFileSync(archive)
      expect(whole.subarray(0, before.length).equals(before), 'earlier bytes were changed').toBe(true)

      const crashed = join(folder, 'crashed.lmz')
      let opened = 0
      const expectState = async (bytes: Uint8Array, label: string): Promise<'old' | 'new'> => {
        writeFileSync(crashed, bytes)
        const { condition, footer } = await openBriefly(crashed)
        expect(condition, label).not.toBe('degraded')
        const isNew = footer?.position === whole.length - footerLength
        expect(await stateOf(crashed), label).toEqual(isNew ? newState : oldState)
        if (opened++ % 50 === 0) {
          expect((await verifyArchive(crashed)).problems, label).toEqual([])
          await addToArchive(crashed, [source])
          expect(await stateOf(crashed), label).toEqual(newState)
        }
        return isNew ? 'new' : 'old'
      }

      const moments = [...momentsOf(before, storage.operations)]
      const kinds = storage.operations.map(({ kind }) => kind)
      for (const [at, { durable, pending }] of moments.entries()) {
        // A process that is killed leaves everything it wrote.
        const killed = await expectState(Buffer.concat([durable, pending]), `killed after operation ${at}`)
        expect(killed).toBe(at >= moments.length - 2 ? 'new' : 'old')
        const isSyncNext = kinds[at] === 'sync'
        if (!isSyncNext) continue
        for (const tail of tornTails(pending, random)) {
          await expectState(Buffer.concat([durable, tail]), `power cut in sync ${at}, ${tail.length} bytes of the tail`)
        }
      }
      const { durable, pending } = moments.at(-1) ?? { durable: before, pending: before }
      expect(pending, 'the end of a commit was not made durable').toHaveLength(0)
      expect(durable.equals(whole)).toBe(true)
      expect(opened).toBeGreaterThan(150)
    },
  )
})

async function openBriefly(path: string): Promise<Archive> {
  const archive = await Archive.open(path)
  archive.close()
  return archive
}

describe('a file that takes the place of another', () => {
  const verbs: Readonly<
    Record<string, (archive: string, source: string, storage: RecordingStorage) => Promise<unknown>>
  > = {
    create: (archive, source, storage) => createArchive(`${archive}.new`, [source], {}, storage),
    'create over an old one': (archive, source, storage) =>
      createArchive(archive, [source], { replace: true }, storage),
    remove: (archive, _source, storage) => removeFromArchive(archive, ['first/noise.bin'], {}, storage),
    compact: (archive, _source, storage) => compactArchive(archive, {}, storage),
  }

  it.each(Object.keys(verbs))('is on the disk to the last byte before it gets its name: %s', async (verb) => {
    const folder = temporaryFolder()
    const random = new Random(seed)
    const archive = await makeArchive(folder, random)
    const storage = new RecordingStorage()
    await verbs[verb]?.(archive, join(folder, 'first'), storage)
    const kinds = storage.operations.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'rename')).toHaveLength(1)
    const renamed = kinds.indexOf('rename')
    expect(renamed).toBe(kinds.length - 1)
    const { pending } = [...momentsOf(Buffer.alloc(0), storage.operations)][renamed] ?? {}
    expect(pending).toHaveLength(0)
    // Index, sync, footer, sync.
    expect(kinds.slice(-4, -1)).toEqual(['sync', 'append', 'sync'])
  })
})
