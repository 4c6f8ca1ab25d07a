import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { compactArchive, removeFromArchive } from '../../src-main/archive/rewrite'
import { verifyArchive } from '../../src-main/archive/verify'
import { MemorySource } from '../../src-main/format/byte-source'
import { findLastFooter } from '../../src-main/format/scan'
import { type ArchiveState, stateOf } from './archive-state'
import { runLmz } from './lmz-process'
import { Random } from './random'

export const changingVerbs = ['create', 'create --replace', 'add', 'rename', 'remove', 'compact'] as const
export type ChangingVerb = (typeof changingVerbs)[number]

/** A folder of one round: the archive and whatever a killed lmz leaves beside it. */
export interface Round {
  readonly folder: string
  readonly archive: string
}

/** What a verb does when nothing disturbs it. */
interface Rehearsal {
  readonly before: ArchiveState | undefined
  readonly after: ArchiveState
  readonly milliseconds: number
}

const archiveName = 'target.lmz'
const mayBeLeft = /^(target\.lmz|\.target\.lmz\.lock|\.target\.lmz\.[0-9a-f]{8}\.part)$/

/** Trees to pack and an archive to change, and what it holds before and after each verb. */
export class CrashWorld {
  readonly #folder: string
  readonly #base: string
  readonly #rehearsals = new Map<ChangingVerb, Rehearsal>()
  #checks = 0

  private constructor(folder: string) {
    this.#folder = folder
    this.#base = join(folder, 'base.lmz')
  }

  /** @param megabytes about how much there is to pack */
  static async make(folder: string, megabytes: number): Promise<CrashWorld> {
    const world = new CrashWorld(folder)
    writeTree(join(folder, 'tree'), megabytes, 1)
    writeTree(join(folder, 'more'), megabytes / 2, 2)
    await createArchive(world.#base, [join(folder, 'tree')], { preset: 'fast', blockSize: 256 * 1024 })
    // A second commit that supersedes a part of the first, so that compacting has something to do.
    for (let n = 0; n < 8; n++) writeFileSync(join(folder, `tree/folder-${n % 4}/file-${n}`), `changed file ${n}`)
    await addToArchive(world.#base, [join(folder, 'tree')])
    return world
  }

  parameters(verb: ChangingVerb, { archive }: Round): string[] {
    const trees = [join(this.#folder, 'tree'), join(this.#folder, 'more')]
    const packing = ['--preset', 'fast', '--block-size', '256KiB']
    switch (verb) {
      case 'create':
        return ['create', archive, ...trees, ...packing]
      case 'create --replace':
        return ['create', archive, ...trees, ...packing, '--replace']
      case 'add':
        return ['add', archive, trees[1] ?? '']
      case 'rename':
        return ['rename', archive, 'tree/folder-1', 'renamed']
      case 'remove':
        return ['remove', archive, 'tree/folder-1', 'tree/noise-0']
      case 'compact':
        return ['compact', archive]
    }
  }

  /** A new folder in the state before the verb. */
  newRound(verb: ChangingVerb): Round {
    const folder = mkdtempSync(join(this.#folder, 'round-'))
    const archive = join(folder, archiveName)
    if (verb !== 'create') copyFileSync(this.#base, archive)
    return { folder, archive }
  }

  /** Runs a verb to its end, to learn what it does and how long it takes. @returns milliseconds */
  async rehearse(verb: ChangingVerb): Promise<number> {
    const known = this.#rehearsals.get(verb)
    if (known !== undefined) return known.milliseconds
    const round = this.newRound(verb)
    const before = existsSync(round.archive) ? await stateOf(round.archive) : undefined
    const { code, stderr, milliseconds } = await runLmz(this.parameters(verb, round))
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(readdirSync(round.folder)).toEqual([archiveName])
    this.#rehearsals.set(verb, { before, after: await stateOf(round.archive), milliseconds })
    return milliseconds
  }

  /**
   * Checks that a killed verb left the state before it or after it, whole, and that the archive can be changed on, whatever
   * else it left.
   */
  async check(verb: ChangingVerb, round: Round, label: string): Promise<'old' | 'new'> {
    const { folder, archive } = round
    const left = readdirSync(folder)
    const strange = left.filter((name) => !mayBeLeft.test(name))
    expect(strange, `${label}: files of unknown kind`).toEqual([])
    const { before, after } = this.#rehearsals.get(verb) ?? {}
    const isMissing = !left.includes(archiveName)
    if (isMissing) {
      expect(before, `${label}: the archive is gone`).toBeUndefined()
      await createArchive(archive, [join(this.#folder, 'more')], { preset: 'fast' })
    }
    const opened = await Archive.open(archive)
    opened.close()
    expect(opened.condition, label).not.toBe('degraded')
    const state = await stateOf(archive)
    const isOld = isMissing || this.#isUntouched(archive)
    if (!isMissing) expect(state, label).toEqual(isOld ? before : after)
    expect((await verifyArchive(archive)).problems, label).toEqual([])
    await this.#changeOn(round, state, label)
    return isOld ? 'old' : 'new'
  }

  /** Whether an archive is the one from before, if need be with something unfinished behind its end. */
  #isUntouched(archive: string): boolean {
    const base = readFileSync(this.#base)
    const now = readFileSync(archive)
    const isThere = now.subarray(0, base.length).equals(base)
    return isThere && (now.length === base.length || findLastFooter(new MemorySource(now))?.sequence === 2)
  }

  /** Each check tries another change, and each fourth all of them. */
  async #changeOn({ folder, archive }: Round, state: ArchiveState, label: string): Promise<void> {
    const left = readdirSync(folder)
    const turn = this.#checks++ % 4
    const later = join(folder, 'later.txt')
    writeFileSync(later, 'added after the crash')
    const [some = ''] = Object.keys(state)
    if (turn === 0 || turn === 3) await addToArchive(archive, [later])
    if (turn === 1) await removeFromArchive(archive, [some])
    if (turn === 3) await removeFromArchive(archive, ['later.txt'])
    if (turn === 2 || turn === 3) await compactArchive(archive)
    // Reads all of it, too.
    const names = Object.keys(await stateOf(archive))
    const expected = Object.keys(state).filter((name) => turn !== 1 || (name !== some && !name.startsWith(`${some}/`)))
    if (turn === 0) expected.push('later.txt')
    expect(names.sort(), `${label}: changed on`).toEqual(expected.sort())
    // The change clears away what the killed job left: its lock and its unfinished file.
    const stays = left.filter((name) => !/\.(lock|part)$/.test(name))
    expect(readdirSync(folder).sort(), `${label}: later changes left something`).toEqual([...stays, 'later.txt'].sort())
  }
}

/** Text, noise, copies, an empty folder and an empty file. */
function writeTree(folder: string, megabytes: number, seed: number): void {
  const random = new Random(seed)
  for (let n = 0; n < 4; n++) mkdirSync(join(folder, `folder-${n}`), { recursive: true })
  mkdirSync(join(folder, 'empty folder'))
  writeFileSync(join(folder, 'empty file'), '')
  const files = 24
  const length = (megabytes * 1_000_000) / files / 2
  for (let n = 0; n < files; n++) {
    writeFileSync(join(folder, `folder-${n % 4}/file-${n}`), random.text(Math.ceil(length * (0.5 + random.share()))))
  }
  for (let n = 0; n < 2; n++) writeFileSync(join(folder, `noise-${n}`), random.bytes((megabytes * 1_000_000) / 4))
  writeFileSync(join(folder, 'copy'), readFileSync(join(folder, 'folder-0/file-0')))
}
