import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JobRequest } from '../../../src-main/contract/job'
import { writeLargeArchive } from '../../support/large-archive'
import { temporaryFolder } from '../../support/temporary'
import { hasEnded, startEngine } from './engine-process'
import { slowText } from './slow-text'

interface Place {
  readonly folder: string
  readonly archive: string
  readonly source: string
}

/** An archive of many small files, and text that takes seconds to pack. */
async function prepare(files: number, textLength = 3_000_000): Promise<Place> {
  const folder = temporaryFolder()
  const source = join(folder, 'source')
  mkdirSync(source)
  writeFileSync(join(source, 'long.txt'), slowText(textLength))
  const archive = join(folder, 'large.lmz')
  await writeLargeArchive(archive, { files, filesInFolder: 100 })
  return { folder, archive, source }
}

const requests: Readonly<Record<string, (place: Place) => JobRequest>> = {
  create: ({ folder, source }) => ({ verb: 'create', archive: join(folder, 'new.lmz'), paths: [source] }),
  estimate: ({ source }) => ({ verb: 'estimate', paths: [source] }),
  add: ({ archive, source }) => ({ verb: 'add', archive, paths: [source], preset: 'balanced' }),
  remove: ({ archive }) => ({ verb: 'remove', archive, entries: ['Part 1/folder-3'] }),
  rename: ({ archive }) => ({ verb: 'rename', archive, entry: 'Part 1', name: 'Part One' }),
  compact: ({ archive }) => ({ verb: 'compact', archive }),
  extract: ({ archive, folder }) => {
    const destination = join(folder, 'out')
    return { verb: 'extract', archive, entries: [], destination, overwrite: 'skip', smart: false }
  },
  verify: ({ archive }) => ({ verb: 'verify', archive }),
  salvage: ({ archive, folder }) => ({ verb: 'salvage', archive, target: join(folder, 'saved.lmz') }),
}

describe('progress', () => {
  it('comes 5 to 20 times a second, with rate and time left, and ends at 100 %: a bar would jump, or stop short', async () => {
    const { folder, source } = await prepare(10, 8_000_000)
    const times: number[] = []
    const { engine, history, when } = startEngine({}, (state) => {
      if (state.status === 'running') times.push(performance.now())
    })
    const job = await engine.submit({ verb: 'create', archive: join(folder, 'n.lmz'), paths: [source] })
    const last = await when((state) => state.id === job && hasEnded(state))
    expect(last).toMatchObject({ status: 'done' })
    expect(last.progress).toMatchObject({ phase: 'finish', share: 1, entries: 2, entriesTotal: 2, secondsLeft: 0 })
    expect(last.progress?.bytes).toBe(last.progress?.bytesTotal)
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
    expect(times.length / seconds).toBeGreaterThan(5)
    expect(times.length / seconds).toBeLessThan(20)
    const work = history.filter(({ status, progress }) => status === 'running' && progress?.phase === 'work')
    expect(work.some(({ progress }) => (progress?.bytesPerSecond ?? 0) > 0)).toBe(true)
    expect(work.some(({ progress }) => (progress?.secondsLeft ?? 0) > 0)).toBe(true)
    const shares = work.map(({ progress }) => progress?.share ?? 0)
    expect(Math.max(...shares)).toBeLessThanOrEqual(1)
  })
})

describe.each(Object.keys(requests))('%s', (verb) => {
  it(
    'is cancelled within half a second, and leaves everything as it was: a button would seem broken',
    { timeout: 120_000 },
    async () => {
      const place = await prepare(30_000)
      const before = readFileSync(place.archive)
      const { engine, when } = startEngine()
      const request = requests[verb]?.(place)
      if (request === undefined) throw new Error(`no request for ${verb}`)
      const job = await engine.submit(request)
      await when(({ id, status }) => id === job && status === 'running')
      await new Promise((resolve) => setTimeout(resolve, 150))
      const asked = performance.now()
      await engine.cancel(job)
      const { status } = await when((state) => state.id === job && hasEnded(state))
      // The promise is half a second; the rest is for a machine that is busy with other tests.
      expect(performance.now() - asked).toBeLessThan(2000)
      expect(status).toBe('cancelled')
      expect(readFileSync(place.archive).equals(before)).toBe(true)
      expect(readdirSync(place.folder).sort()).toEqual(['large.lmz', 'source'])
    },
  )

  it(
    'stands still while it is paused, and goes on to its end: work would go on unseen, or never',
    { timeout: 120_000 },
    async () => {
      const place = await prepare(30_000)
      const { engine, when, history } = startEngine()
      const request = requests[verb]?.(place)
      if (request === undefined) throw new Error(`no request for ${verb}`)
      const job = await engine.submit(request)
      await when(({ id, status }) => id === job && status === 'running')
      await engine.pause(job)
      await when((state) => state.id === job && (state.status === 'paused' || hasEnded(state)))
      await new Promise((resolve) => setTimeout(resolve, 1000))
      const told = history.length
      const [held] = await engine.jobs()
      await new Promise((resolve) => setTimeout(resolve, 1000))
      expect(history.length, 'no more is told while it is paused').toBe(told)
      const [later] = await engine.jobs()
      expect(later).toMatchObject({ id: job, status: 'paused' })
      expect(later?.progress?.bytes).toBe(held?.progress?.bytes)
      await engine.resume(job)
      const { status, error } = await when((state) => state.id === job && hasEnded(state))
      expect({ status, error }).toEqual({ status: 'done', error: undefined })
    },
  )
})
