import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changingVerbs, CrashWorld } from '../support/crash-world'
import { type Ended, runLmz, startLmz } from '../support/lmz-process'
import { Random, seed } from '../support/random'

/** Cancels at random moments, for each verb; a campaign sets more. */
const rounds = Number(process.env['LMZ_CANCEL_ROUNDS'] ?? 6)
const timeout = 20_000 + rounds * 5_000
/** Milliseconds; the promise is 500, which a loaded machine may not keep. */
const longestWait = 2000

let folder: string
let world: CrashWorld

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
  world = await CrashWorld.make(folder, 8)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How a run ended that was interrupted, and how long it went on. */
interface Interrupted extends Ended {
  readonly afterwards: number
}

async function interrupt(parameters: readonly string[], delay: number): Promise<Interrupted> {
  const { process: child, ended } = startLmz(parameters)
  await Promise.race([wait(delay), ended])
  const start = performance.now()
  child.kill('SIGINT')
  return { ...(await ended), afterwards: performance.now() - start }
}

/** @returns whether it was cancelled, rather than done already */
function isCancelled({ code, signal, stderr, afterwards }: Interrupted, label: string): boolean {
  expect(afterwards, label).toBeLessThan(longestWait)
  // Before lmz listens for it, the signal ends the process in the system's own way.
  if (signal === 'SIGINT') return true
  expect(code, `${label}: ${stderr}`).toBeOneOf([0, 130])
  if (code === 130) expect(stderr).toContain('Cancelled')
  return code === 130
}

function report(verb: string, waits: readonly number[], cancelled: number): void {
  if (rounds > 6) {
    const sorted = waits.toSorted((left, right) => left - right)
    const [median, longest] = [sorted[sorted.length >> 1], sorted.at(-1)].map((time) => time?.toFixed(0))
    console.info(`${verb}: ${cancelled} of ${waits.length} cancelled; ended after ${median} ms, at most ${longest} ms`)
  }
}

describe.each(changingVerbs)('%s that is cancelled', (verb) => {
  it('stops at once and leaves everything as it was', { timeout }, async () => {
    const random = new Random(seed)
    const milliseconds = await world.rehearse(verb)
    const waits: number[] = []
    let cancelled = 0
    for (let round = 0; round < rounds; round++) {
      const place = world.newRound(verb)
      const names = readdirSync(place.folder)
      const before = existsSync(place.archive) ? readFileSync(place.archive) : undefined
      const delay = (0.1 + 0.9 * random.share()) * milliseconds
      const ended = await interrupt(world.parameters(verb, place), delay)
      const label = `seed ${seed}, round ${round}, after ${delay.toFixed(0)} of ${milliseconds.toFixed(0)} ms`
      waits.push(ended.afterwards)
      if (isCancelled(ended, label)) {
        cancelled++
        expect(readdirSync(place.folder), label).toEqual(names)
        if (before !== undefined) expect(readFileSync(place.archive).equals(before), label).toBe(true)
      } else {
        expect(await world.check(verb, place, label), label).toBe('new')
      }
      rmSync(place.folder, { recursive: true })
    }
    report(verb, waits, cancelled)
    expect(cancelled, 'no cancel came in time').toBeGreaterThan(0)
  })
})

describe('extract that is cancelled', () => {
  it.each([false, true])('leaves nothing at the destination (there before: %s)', { timeout }, async (isThere) => {
    const random = new Random(seed)
    const { folder: work, archive } = world.newRound('compact')
    const bytes = readFileSync(archive)
    const { code, milliseconds } = await runLmz(['extract', archive, '-C', join(work, 'whole')])
    expect(code).toBe(0)
    rmSync(join(work, 'whole'), { recursive: true })
    const waits: number[] = []
    let cancelled = 0
    for (let round = 0; round < rounds; round++) {
      const out = join(work, `out-${round}`)
      if (isThere) mkdirSync(out)
      const delay = (0.1 + 0.9 * random.share()) * milliseconds
      const label = `seed ${seed}, round ${round}, after ${delay.toFixed(0)} of ${milliseconds.toFixed(0)} ms`
      const ended = await interrupt(['extract', archive, '-C', out], delay)
      waits.push(ended.afterwards)
      if (isCancelled(ended, label)) {
        cancelled++
        expect(existsSync(out), label).toBe(isThere)
        if (isThere) expect(readdirSync(out), label).toEqual([])
      } else {
        expect(readdirSync(out), label).toEqual(['tree'])
      }
      rmSync(out, { recursive: true, force: true })
    }
    report('extract', waits, cancelled)
    expect(cancelled, 'no cancel came in time').toBeGreaterThan(0)
    expect(readFileSync(archive).equals(bytes)).toBe(true)
  })
})
