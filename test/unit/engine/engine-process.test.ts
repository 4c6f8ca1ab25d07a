import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JobState } from '../../../src-main/contract/engine-api'
import { LmzError } from '../../../src-main/contract/error'
import type { JobRequestOf } from '../../../src-main/contract/job'
import type { OverwriteQuestion } from '../../../src-main/contract/question'
import { temporaryFolder } from '../../support/temporary'
import { hasEnded, startEngine, type StartedEngine } from './engine-process'
import { slowText } from './slow-text'

function makeSource(folder: string, files: Readonly<Record<string, string>>): string {
  const source = join(folder, 'source')
  mkdirSync(source)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(source, name), content)
  return source
}

/** A job that takes seconds, under way and past its scan. */
async function startLongJob(started: StartedEngine, folder: string): Promise<number> {
  // More than the 8 MiB that are read as one piece: a pause takes effect between two of them.
  const source = makeSource(folder, { 'long.txt': slowText(10_000_000) })
  const job = await started.engine.submit({ ...create(folder, source), preset: 'balanced', blockSize: 256 * 1024 })
  const isAtWork = ({ id, progress }: JobState): boolean => id === job && progress?.phase === 'work'
  const { status } = await started.when((state) => isAtWork(state) || (state.id === job && hasEnded(state)))
  expect(status).toBe('running')
  return job
}

function create(folder: string, source: string): JobRequestOf<'create'> {
  return { verb: 'create', archive: join(folder, 'new.lmz'), paths: [source] }
}

function statusesOf(history: readonly JobState[], job: number): string[] {
  const statuses = history.filter(({ id }) => id === job).map(({ status }) => status)
  return statuses.filter((status, at) => status !== statuses[at - 1])
}

async function errorOf(call: Promise<unknown>): Promise<LmzError> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(LmzError)
  return thrown as LmzError
}

describe('an engine in a process of its own', () => {
  it('does a job and tells of it from queue to report: a window would show nothing', async () => {
    const folder = temporaryFolder()
    const started = startEngine()
    const source = makeSource(folder, { 'a.txt': 'a'.repeat(1000), 'b.txt': 'b' })
    const job = await started.engine.submit(create(folder, source))
    const { status, report } = await started.when((state) => state.id === job && hasEnded(state))
    expect(status).toBe('done')
    expect(report).toMatchObject({ files: 2, rawBytes: 1001, problems: [] })
    expect(statusesOf(started.history, job)).toEqual(['queued', 'running', 'done'])
    const progress = started.history.flatMap((state) => state.progress ?? [])
    expect(progress.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['scan', 'work', 'finish']))
    expect(await started.engine.jobs()).toHaveLength(1)
  })

  it('runs jobs one after the other in the order they came: later ones would see half-made archives', async () => {
    const folder = temporaryFolder()
    const { engine, when, history } = startEngine()
    const source = makeSource(folder, { 'a.txt': 'hello' })
    const archive = join(folder, 'new.lmz')
    const jobs = [
      await engine.submit(create(folder, source)),
      await engine.submit({ verb: 'add', archive, paths: [join(source, 'a.txt')] }),
      await engine.submit({ verb: 'verify', archive }),
    ]
    await when((state) => state.id === jobs.at(-1) && hasEnded(state))
    const ran = history.filter(({ status }) => status !== 'queued').map(({ id }) => id)
    expect(ran).toEqual(ran.toSorted((one, other) => one - other))
    expect((await engine.jobs()).map(({ status }) => status)).toEqual(['done', 'done', 'done'])
  })

  it('cancels at once and leaves nothing behind: a cancel button would hang, and litter stay on the disk', async () => {
    const folder = temporaryFolder()
    const started = startEngine()
    const job = await startLongJob(started, folder)
    const asked = performance.now()
    await started.engine.cancel(job)
    const { status, error } = await started.when((state) => state.id === job && hasEnded(state))
    // The promise is half a second; the rest is for a machine that is busy with other tests.
    expect(performance.now() - asked).toBeLessThan(2000)
    expect(status).toBe('cancelled')
    expect(error?.code).toBe('Cancelled')
    expect(readdirSync(folder)).toEqual(['source'])
  })

  it('forgets a queued job that is cancelled: it would start after all', async () => {
    const folder = temporaryFolder()
    const started = startEngine()
    const long = await startLongJob(started, folder)
    const queued = await started.engine.submit({ verb: 'verify', archive: join(folder, 'none.lmz') })
    await started.engine.cancel(queued)
    await started.engine.cancel(long)
    await started.when((state) => state.id === long && hasEnded(state))
    expect(statusesOf(started.history, queued)).toEqual(['queued', 'cancelled'])
  })

  it('pauses and resumes: a paused job would go on, or never end', async () => {
    const folder = temporaryFolder()
    const started = startEngine()
    const job = await startLongJob(started, folder)
    await started.engine.pause(job)
    expect(await settled(started, job)).toBe('paused')
    await started.engine.resume(job)
    const { status } = await started.when((state) => state.id === job && hasEnded(state))
    expect(status).toBe('done')
    expect(statusesOf(started.history, job)).toEqual(['queued', 'running', 'paused', 'running', 'done'])
  })

  it('cancels a paused job: only resuming it would end it', async () => {
    const folder = temporaryFolder()
    const started = startEngine()
    const job = await startLongJob(started, folder)
    await started.engine.pause(job)
    await settled(started, job)
    await started.engine.cancel(job)
    const { status } = await started.when((state) => state.id === job && hasEnded(state))
    expect(status).toBe('cancelled')
  })

  it('asks before it overwrites and does as it is told: files would be lost, or the job wait for ever', async () => {
    const folder = temporaryFolder()
    const questions: OverwriteQuestion[] = []
    const { engine, when } = startEngine({
      question: (id, _job, detail) => {
        questions.push(detail)
        const choice = detail.path.endsWith('keep.txt') ? 'skip' : 'replace'
        void engine.answer(id, { choice, forAll: false })
      },
    })
    const source = makeSource(folder, { 'keep.txt': 'new', 'replace.txt': 'new' })
    const made = await engine.submit(create(folder, source))
    await when((state) => state.id === made && hasEnded(state))
    for (const name of ['keep.txt', 'replace.txt']) writeFileSync(join(source, name), 'old and longer')
    const job = await engine.submit({
      verb: 'extract',
      archive: join(folder, 'new.lmz'),
      entries: [],
      destination: folder,
      overwrite: 'ask',
      smart: true,
    })
    const { status } = await when((state) => state.id === job && hasEnded(state))
    expect(status).toBe('done')
    expect(questions.map(({ path }) => path).toSorted()).toEqual(['source/keep.txt', 'source/replace.txt'])
    expect(questions[0]).toMatchObject({ existing: { size: 14, isDirectory: false }, incoming: { size: 3 } })
    expect(readFileSync(join(source, 'keep.txt'), 'utf8')).toBe('old and longer')
    expect(readFileSync(join(source, 'replace.txt'), 'utf8')).toBe('new')
  })

  it('ends a job whose question is open when it is cancelled: the job would wait for ever', async () => {
    const folder = temporaryFolder()
    const { engine, when } = startEngine({ question: (_id, job) => void engine.cancel(job) })
    const source = makeSource(folder, { 'a.txt': 'a' })
    const made = await engine.submit(create(folder, source))
    await when((state) => state.id === made && hasEnded(state))
    const places = { archive: join(folder, 'new.lmz'), entries: [], destination: folder }
    const job = await engine.submit({ verb: 'extract', ...places, overwrite: 'ask', smart: true })
    const { status } = await when((state) => state.id === job && hasEnded(state))
    expect(status).toBe('cancelled')
    expect(readdirSync(folder).toSorted()).toEqual(['new.lmz', 'source'])
  })

  it('tells what is wrong as an LmzError with its code: a window could not word it', async () => {
    const folder = temporaryFolder()
    const { engine, when } = startEngine()
    const notAnArchive = join(folder, 'text.lmz')
    writeFileSync(notAnArchive, 'just text, and more of it than a header would be long, so that nothing is too short')
    expect((await errorOf(engine.openArchive(join(folder, 'none.lmz')))).code).toBe('NotFound')
    expect(await errorOf(engine.openArchive(notAnArchive))).toMatchObject({
      code: 'Format',
      message: 'text.lmz is not an lmz archive.',
    })
    const job = await engine.submit({ verb: 'verify', archive: notAnArchive })
    const { status, error } = await when((state) => state.id === job && hasEnded(state))
    expect(status).toBe('failed')
    expect(error?.code).toBe('Format')
  })

  it('refuses calls that make no sense: a broken shell could stop it', async () => {
    const { engine } = startEngine()
    const careless = engine as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const calls: readonly (readonly [string, ...unknown[]])[] = [
      ['submit', { verb: 'format-the-disk' }],
      ['submit', undefined],
      ['submit', { verb: 'verify', archive: 'x.lmz', surprise: true }],
      ['cancel', 7],
      ['cancel', 'all'],
      ['openArchive', ''],
      ['openArchive', { path: 'x' }],
      ['closeArchive', 1],
      ['children', 1, 0, { offset: 0, limit: 10 }],
      ['children', 1, 0, { offset: 0, limit: Infinity }],
      ['read', 1, 1, -1, 10],
      ['read', 1, 1, 0, 1e12],
      ['answer', 1, { choice: 'format', forAll: true }],
    ]
    for (const [name, ...args] of calls) {
      expect((await errorOf(careless[name]!(...args))).code, `${name} ${JSON.stringify(args)}`).toBe('Usage')
    }
    expect(await engine.jobs()).toEqual([])
  })

  it('looks into archives: browsing would need a copy of all of it', async () => {
    const folder = temporaryFolder()
    const { engine, when } = startEngine()
    const source = makeSource(folder, { 'one.txt': 'number one', 'two.md': 'number two', 'three.txt': '' })
    const made = await engine.submit(create(folder, source))
    await when((state) => state.id === made && hasEnded(state))
    const { handle, info } = await engine.openArchive(join(folder, 'new.lmz'))
    expect(info).toMatchObject({ files: 3, directories: 1, condition: 'intact' })
    const [top] = await engine.children(handle, 0, { offset: 0, limit: 10 })
    expect(top).toMatchObject({ name: 'source', kind: 'directory' })
    const files = await engine.children(handle, top!.id, { offset: 1, limit: 1 })
    expect(files.map(({ name }) => name)).toEqual(['three.txt'])
    const [found] = await engine.search(handle, 'one', { offset: 0, limit: 10 })
    expect(await engine.pathOf(handle, found!.id)).toEqual(['source', 'one.txt'])
    expect(typeof found!.mtimeNs).toBe('bigint')
    expect(Buffer.from(await engine.read(handle, found!.id, 7, 100)).toString()).toBe('one')
    await engine.closeArchive(handle)
    expect((await errorOf(engine.pathOf(handle, found!.id))).code).toBe('Usage')
  })

  it('fails the calls of its shell when it is killed: the shell would wait for ever', async () => {
    const folder = temporaryFolder()
    const started = startEngine()
    await startLongJob(started, folder)
    const exited = once(started.child, 'exit')
    started.child.kill('SIGSTOP')
    const underWay = errorOf(started.engine.jobs())
    started.child.kill('SIGKILL')
    expect((await underWay).code).toBe('EngineEnded')
    await exited
    expect(await errorOf(started.engine.jobs())).toMatchObject({ code: 'EngineEnded', message: /engine has stopped/ })
  })

  it('tidies up and ends when its shell goes away: a part of an archive and a process would be left over', async () => {
    const folder = temporaryFolder()
    const started = startEngine()
    await startLongJob(started, folder)
    expect(readdirSync(folder).some((name) => name.endsWith('.part'))).toBe(true)
    const exited = once(started.child, 'exit')
    started.child.disconnect()
    expect(await exited).toEqual([0, null])
    expect(readdirSync(folder)).toEqual(['source'])
    expect(existsSync(join(folder, 'new.lmz'))).toBe(false)
  })
})

/** The status of a job once it has told of no more progress for a while. */
async function settled(started: StartedEngine, job: number): Promise<string | undefined> {
  let told: number
  do {
    told = started.history.length
    await new Promise((resolve) => setTimeout(resolve, 500))
  } while (started.history.length > told)
  return started.history.findLast(({ id }) => id === job)?.status
}
