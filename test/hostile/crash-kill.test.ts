import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changingVerbs, CrashWorld } from '../support/crash-world'
import { runLmz, startLmz } from '../support/lmz-process'
import { Random, seed } from '../support/random'

/** Kills at random moments, for each verb; a campaign sets more. */
const rounds = Number(process.env['LMZ_CRASH_ROUNDS'] ?? 12)
const timeout = 20_000 + rounds * 5_000
const killAtOperation = fileURLToPath(new URL('../support/kill-at-operation.mjs', import.meta.url))

let folder: string
let world: CrashWorld

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
  world = await CrashWorld.make(folder, 2)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(changingVerbs)('%s that is killed', (verb) => {
  it('at a random moment leaves the old or the new state', { timeout }, async () => {
    const random = new Random(seed)
    const milliseconds = await world.rehearse(verb)
    const outcomes = { old: 0, new: 0, ended: 0 }
    // The two ways to create share the rounds of one verb.
    const own = verb.startsWith('create') ? Math.ceil(rounds / 2) : rounds
    for (let round = 0; round < own; round++) {
      const place = world.newRound(verb)
      const delay = random.share() * milliseconds
      const { process: child, ended } = startLmz(world.parameters(verb, place))
      await Promise.race([wait(delay), ended])
      child.kill('SIGKILL')
      const { signal } = await ended
      const label = `seed ${seed}, round ${round}, killed after ${delay.toFixed(1)} ms`
      const outcome = await world.check(verb, place, label)
      if (signal === null) expect(outcome, label).toBe('new')
      outcomes[signal === null ? 'ended' : outcome]++
      rmSync(place.folder, { recursive: true })
    }
    if (rounds > 12) console.info(`${verb}: ${milliseconds.toFixed(0)} ms, ${JSON.stringify(outcomes)}`)
    expect(outcomes.old, 'no kill came in time').toBeGreaterThan(0)
  })
})

// Replacing an archive has the same operations as compacting one.
describe.each(changingVerbs.filter((verb) => verb !== 'create --replace'))('%s that is killed', (verb) => {
  it('right before any file operation of its commit leaves the old or the new state', { timeout }, async () => {
    await world.rehearse(verb)
    const rehearsal = world.newRound(verb)
    const report = join(folder, 'operations')
    const options = { preload: [killAtOperation] }
    const whole = await runLmz(world.parameters(verb, rehearsal), {
      ...options,
      environment: { LMZ_OPERATIONS: report },
    })
    expect(whole.code).toBe(0)
    const operations = readFileSync(report, 'utf8').split('\n')
    const firstSync = operations.indexOf('sync')
    expect(operations.slice(firstSync)).toContain('write')
    const outcomes: string[] = []
    // From the index on.
    for (let at = firstSync - 2; at < operations.length; at++) {
      const place = world.newRound(verb)
      const environment = { LMZ_KILL_AT: String(at) }
      const { signal } = await runLmz(world.parameters(verb, place), { ...options, environment })
      const label = `before ${operations[at] ?? ''}, operation ${at} of ${operations.length}`
      expect(signal, label).toBe('SIGKILL')
      outcomes.push(await world.check(verb, place, label))
      rmSync(place.folder, { recursive: true })
    }
    expect(outcomes[0]).toBe('old')
    expect(outcomes.at(-1)).toBe('new')
    // Once it is there, the new state does not go away again.
    expect(outcomes).toEqual(outcomes.toSorted((left, right) => (left === right ? 0 : left === 'old' ? -1 : 1)))
  })
})
