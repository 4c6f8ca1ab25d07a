import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { changePasswords } from '../../src-main/archive/encryption/change-passwords'
import { verifyArchive } from '../../src-main/archive/verify'
import { isPasswordMissing } from '../../src-main/contract/error'
import { type ArchiveOperation, archiveOperations, create } from '../support/archive-operations'
import { type ArchiveState, stateOf, stateOfOpened } from '../support/archive-state'
import { checkpointFiles } from '../support/checkpoints'
import { type CrashedFolder, CrashModel, TracingStorage } from '../support/crash-model'
import { stretchCost } from '../support/encrypted-archive'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

/**
 * Crash points of each operation. LMZ_LONG=1 tries 10,000, from LMZ_CRASH_FROM (0) on, so that a run that was broken off can go on: each
 * point is made from its own number.
 */
const isLong = process.env['LMZ_LONG'] === '1'
const points = isLong ? 10_000 : 120
/** Every so many points, the archive is also changed on, which takes a hundred times as long as reading it. */
const changedOnEvery = isLong ? 100 : 40
const from = Number(process.env['LMZ_CRASH_FROM'] ?? 0)
const timeout = isLong ? 3_600_000 : 60_000
const archiveName = 'target.lmz'

interface Rehearsal {
  readonly model: CrashModel
  /** Undefined where there was no archive. */
  readonly before: ArchiveState | undefined
  readonly after: ArchiveState
}

interface Subject {
  readonly operation: ArchiveOperation
  /** Whether there is no archive before. */
  readonly isNew?: boolean
  /** What opens the archive before and after, if it is encrypted. */
  readonly passwords?: { readonly before: string; readonly after: string }
}

/** Lets an operation run to its end, and writes down what it does to the disk. */
async function rehearse(folder: string, { operation, isNew = false, passwords }: Subject): Promise<Rehearsal> {
  const random = new Random(seed)
  const source = join(folder, 'source')
  mkdirSync(source)
  // Different enough not to be packed as one chunk, in blocks of the smallest size.
  for (let n = 0; n < 4; n++) writeFileSync(join(source, `file-${n}.txt`), random.text(3000 + random.below(9000)))
  const checkpoints = checkpointFiles(random, 17_000)
  const model = join(source, 'model.safetensors')
  writeFileSync(model, checkpoints.next().value)
  const place = join(folder, 'place')
  mkdirSync(place)
  const archive = join(place, archiveName)
  const small = { preset: 'fast', blockSize: 64 * 1024, password: passwords?.before, stretchCost } as const
  await createArchive(archive, [source], small)
  writeFileSync(join(source, 'file-1.txt'), random.text(5000))
  writeFileSync(model, checkpoints.next().value)
  await addToArchive(archive, [source], small)
  writeFileSync(join(source, 'file-0.txt'), random.text(5000))
  writeFileSync(join(source, 'noise.bin'), random.bytes(90_000))
  writeFileSync(model, checkpoints.next().value)
  if (isNew) rmSync(archive)
  const before = isNew ? undefined : await stateOf(archive, { password: passwords?.before })
  const bytes = isNew ? undefined : readFileSync(archive)
  const storage = new TracingStorage()
  await operation({ archive, source }, storage)
  expect(readdirSync(place)).toEqual([archiveName])
  const after = await stateOf(archive, { password: passwords?.after })
  return { model: new CrashModel(archiveName, bytes, storage.operations), before, after }
}

const both = { before: 'the old password', after: 'the old password' }
const changed = { before: 'the old password', after: 'the new password' }
const subjects: readonly (readonly [string, Subject])[] = [
  ['create', { operation: create, isNew: true }],
  ...Object.entries(archiveOperations).map(([name, operation]) => [name, { operation }] as const),
  [
    'change the password',
    {
      passwords: changed,
      operation: ({ archive }, storage) =>
        changePasswords(
          archive,
          { change: 'change', password: changed.before, newPassword: changed.after, stretchCost },
          storage,
        ),
    },
  ],
  [
    'add to what is encrypted',
    {
      passwords: both,
      operation: ({ archive, source }, storage) => addToArchive(archive, [source], { password: both.before }, storage),
    },
  ],
]

describe.each(subjects)('%s, broken off anywhere', (name, subject) => {
  const { passwords } = subject

  it('leaves the old state or the new one: anything else is lost data', { timeout }, async () => {
    const folder = temporaryFolder()
    const { model, before, after } = await rehearse(folder, subject)
    const outcomes = { old: 0, new: 0, changedOn: 0 }
    /** What was found before in an archive of these very bytes: only what is beside it can differ. */
    const outcomeOf = new Map<string, 'old' | 'new'>()
    // A password takes its time, however cheap it is made.
    const end = from + (passwords === undefined || isLong ? points : points / 3)
    for (let point = from; point < end; point++) {
      const random = new Random(seed * 100_003 + point)
      const moment = point % model.moments
      // Each moment once without a power cut.
      const crashed = point < model.moments ? model.killed(moment) : model.powerCut(moment, random)
      const label = `LMZ_SEED=${seed} point ${point}: ${crashed.label}`
      const isChangedOn = point % changedOnEvery === 0
      const key = createHash('sha256')
        .update(crashed.files.get(archiveName) ?? '')
        .digest('hex')
      const known = isChangedOn ? undefined : outcomeOf.get(key)
      const place = known === undefined ? mkdtempSync(join(folder, 'crashed-')) : ''
      const outcome = known ?? (await outcomeIn(place, crashed, { before, after, passwords }, label))
      outcomeOf.set(key, outcome)
      if (moment === 0) expect(outcome, label).toBe('old')
      if (moment === model.moments - 1) expect(outcome, `${label}: success was reported`).toBe('new')
      outcomes[outcome]++
      if (isChangedOn) {
        const password = outcome === 'old' ? passwords?.before : passwords?.after
        await changeOn(place, outcome === 'old' ? before : after, password, label)
        outcomes.changedOn++
      }
      if (known === undefined) rmSync(place, { recursive: true })
      if (isLong && (point + 1) % 1000 === 0)
        console.info(`${name}: ${point + 1} points, ${outcomeOf.size} different files, ${JSON.stringify(outcomes)}`)
    }
    expect(outcomes.old).toBeGreaterThan(0)
    expect(outcomes.new).toBeGreaterThan(0)
  })
})

async function outcomeIn(
  place: string,
  { files }: CrashedFolder,
  { before, after, passwords }: Pick<Rehearsal, 'before' | 'after'> & { readonly passwords: Subject['passwords'] },
  label: string,
): Promise<'old' | 'new'> {
  for (const [name, bytes] of files) writeFileSync(join(place, name), bytes)
  const archive = join(place, archiveName)
  if (!files.has(archiveName)) {
    expect(before, `${label}: the archive is gone`).toBeUndefined()
    return 'old'
  }
  const opened = await openedWithEither(archive, passwords).catch((thrown: unknown) => {
    throw new Error(`${label}: ${String(thrown)}`)
  })
  try {
    expect(opened.condition, label).not.toBe('degraded')
    // Two commits were there; what is written anew has one, what is appended to has three.
    const isOld = before !== undefined && opened.footer?.sequence === 2
    expect(stateOfOpened(opened), label).toEqual(isOld ? before : after)
    return isOld ? 'old' : 'new'
  } finally {
    opened.close()
  }
}

/** With the old password if it is the old state, with the new one if it is the new one: a wrong one would leave nothing to anybody. */
async function openedWithEither(archive: string, passwords: Subject['passwords']): Promise<Archive> {
  if (passwords === undefined) return Archive.open(archive)
  const { before, after } = passwords
  const opened = await Archive.open(archive, undefined, { password: before }).catch((thrown: unknown) => {
    if (isPasswordMissing(thrown)) return undefined
    throw thrown
  })
  return opened ?? Archive.open(archive, undefined, { password: after })
}

/** The next change finds its way, keeps everything, and clears away what was left. */
async function changeOn(
  place: string,
  state: ArchiveState | undefined,
  password: string | undefined,
  label: string,
): Promise<void> {
  const archive = join(place, archiveName)
  const later = join(place, 'later.txt')
  writeFileSync(later, 'added after the crash')
  if (state === undefined) await createArchive(archive, [later], { preset: 'fast' })
  else await addToArchive(archive, [later], { preset: 'fast', password })
  const { 'later.txt': added, ...rest } = await stateOf(archive, { password })
  expect(added, label).toBeDefined()
  expect(rest, `${label}: changed on`).toEqual(state ?? {})
  expect((await verifyArchive(archive, { password })).problems, label).toEqual([])
  expect(readdirSync(place).sort(), `${label}: something is left`).toEqual(['later.txt', archiveName])
}
