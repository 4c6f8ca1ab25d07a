import { mkdirSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EngineEvents } from '../../src-main/contract/engine-api'
import { setLanguage } from '../../src-renderer/i18n/text.svelte'
import { jobTitle, resultOf, shareDone } from '../../src-renderer/jobs/job-words'
import { Jobs } from '../../src-renderer/jobs/jobs.svelte'
import { Estimates, type PackWish } from '../../src-renderer/new-archive/estimates.svelte'
import { connectWindow } from './connected-window'

setLanguage('en', [])

function withFiles(): { readonly home: string; readonly sources: string; readonly jobs: Jobs } {
  const { bridge, home } = connectWindow()
  const sources = join(home, 'Project')
  mkdirSync(sources)
  for (const name of ['a.txt', 'b.txt']) writeFileSync(join(sources, name), `${name}\n`.repeat(5000))
  return { home, sources, jobs: new Jobs(bridge) }
}

test('a job is followed to its end, and says what came of it', async () => {
  const { home, sources, jobs } = withFiles()
  const archive = join(home, 'Project.lmz')
  const id = await jobs.run({ verb: 'create', archive, paths: [sources], preset: 'fast' })
  const ended = await jobs.settled(id)
  expect(ended.status).toBe('done')
  expect(jobs.underWay).toEqual([])
  expect(shareDone(ended)).toBe(1)
  expect(jobTitle(ended, '/')).toMatch(/^Project\.lmz is ready: .+, \d+% of 60\.0\u00a0kB$/)
  expect(resultOf(ended)).toEqual({ path: archive, isArchive: true })
  jobs.dismiss(id)
  expect(jobs.shown).toEqual([])
})

test('what was left out is listed with the reason', async () => {
  const { home, sources, jobs } = withFiles()
  execFileSync('mkfifo', [join(sources, 'pipe')])
  const id = await jobs.run({ verb: 'create', archive: join(home, 'p.lmz'), paths: [sources], preset: 'fast' })
  const problems = jobs.problemsOf(await jobs.settled(id))
  expect(problems).toMatchObject([{ path: 'Project/pipe', error: { code: 'Unsupported' }, outcome: 'left out' }])
})

test('a job that fails says why, and what is there stays', async () => {
  const { sources, home, jobs } = withFiles()
  const archive = join(home, 'there.lmz')
  writeFileSync(archive, 'mine')
  const ended = await jobs.settled(await jobs.run({ verb: 'create', archive, paths: [sources] }))
  expect(ended).toMatchObject({ status: 'failed', error: { code: 'Collision' } })
  expect(jobTitle(ended, '/')).toBe('there.lmz was not made')
  expect(resultOf(ended)).toBeUndefined()
})

test('a question waits for its answer, and goes away with it', async () => {
  const { home, sources, jobs } = withFiles()
  const archive = join(home, 'q.lmz')
  await jobs.settled(await jobs.run({ verb: 'create', archive, paths: [sources], preset: 'fast' }))
  const extract = { verb: 'extract', archive, entries: [], destination: home, overwrite: 'ask', smart: false } as const
  const id = await jobs.run({ ...extract, entries: [] })
  await expect.poll(() => jobs.questions.length).toBe(1)
  const [question] = jobs.questions
  expect(question?.detail.path).toMatch(/^Project\/[ab]\.txt$/)
  await jobs.answer(question?.id ?? 0, { choice: 'skip', forAll: true })
  expect((await jobs.settled(id)).status).toBe('done')
  expect(jobs.questions).toEqual([])
})

test('a window that comes later knows the jobs under way, and not the ones that are over', async () => {
  const { bridge, home } = connectWindow()
  writeFileSync(join(home, 'a.txt'), 'a')
  const first = new Jobs(bridge)
  await first.settled(
    await first.run({ verb: 'create', archive: join(home, 'a.lmz'), paths: [join(home, 'a.txt')], preset: 'fast' }),
  )
  const later = new Jobs(bridge)
  await later.load()
  expect(later.shown).toEqual([])
})

test('estimates come for the chosen preset first, are kept, and follow what is chosen', async () => {
  const { sources, jobs } = withFiles()
  const asked: string[] = []
  const estimates = new Estimates({
    run: (request) => {
      if (request.verb === 'estimate') asked.push(`${request.preset} ${request.blockSize ?? 'own'}`)
      return jobs.run(request)
    },
    cancel: (id) => jobs.cancel(id),
    settled: (id) => jobs.settled(id),
    state: (id) => jobs.state(id),
  })
  const wish: PackWish = { sources: [sources], exclude: [], preset: 'fast', blockSize: undefined }
  estimates.want(wish)
  await expect.poll(() => estimates.estimate(wish, 'max'), { timeout: 90_000 }).toBeDefined()
  expect(asked).toEqual(['fast own', 'balanced own', 'max own'])
  expect(estimates.counts(wish)).toEqual({ files: 2, bytes: 60_000 })
  expect(estimates.estimate(wish)?.preset).toBe('fast')

  // What is known is not asked again.
  estimates.want({ ...wish, preset: 'balanced' })
  const smaller = { ...wish, preset: 'balanced' as const, blockSize: 65_536 }
  estimates.want(smaller)
  await expect.poll(() => estimates.estimate(smaller), { timeout: 50_000 }).toMatchObject({ blockSize: 65_536 })
  expect(asked[3]).toBe('balanced 65536')
  // What is left out changes the answer, so it is another question.
  expect(estimates.estimate({ ...smaller, exclude: ['a.txt'] })).toBeUndefined()
  estimates.stop()
  // Estimates are no jobs that a person would look for.
  expect(jobs.shown).toEqual([])
}, 150_000)

test('an estimate of what is not there says so', async () => {
  const { home, jobs } = withFiles()
  const estimates = new Estimates(jobs)
  const wish: PackWish = { sources: [join(home, 'none')], exclude: [], preset: 'fast', blockSize: undefined }
  estimates.want(wish)
  await expect.poll(() => estimates.failure(wish), { timeout: 30_000 }).toMatchObject({ code: 'NotFound' })
  estimates.stop()
})

test('subscriptions of a bridge are told in the order of events', async () => {
  const { bridge, home } = connectWindow()
  writeFileSync(join(home, 'a.txt'), 'a'.repeat(100_000))
  const statuses: string[] = []
  const note: EngineEvents['jobChanged'] = ({ status }) => {
    if (statuses.at(-1) !== status) statuses.push(status)
  }
  bridge.events.on('jobChanged', note)
  const jobs = new Jobs(bridge)
  await jobs.settled(
    await jobs.run({ verb: 'create', archive: join(home, 'a.lmz'), paths: [join(home, 'a.txt')], preset: 'fast' }),
  )
  expect(statuses).toEqual(['queued', 'running', 'done'])
})
