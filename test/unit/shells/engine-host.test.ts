import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JobState } from '../../../src-main/contract/engine-api'
import type { JobRequestOf } from '../../../src-main/contract/job'
import { temporaryFolder } from '../../support/temporary'
import { slowText } from '../engine/slow-text'
import { failureOf, type HostedEngine, hostEngine } from './hosted-engine'

function create(folder: string, name: string, text: string): JobRequestOf<'create'> {
  const source = join(folder, name)
  mkdirSync(source)
  writeFileSync(join(source, 'text.txt'), text)
  return { verb: 'create', archive: join(folder, `${name}.lmz`), paths: [source] }
}

function add(folder: string, name: string, archive: string): JobRequestOf<'add'> {
  return {
    ...create(folder, name, slowText(4_000_000)),
    verb: 'add',
    archive,
    preset: 'balanced',
    blockSize: 256 * 1024,
  }
}

const isDone = ({ status }: JobState): boolean => status === 'done'
const hasEnded = ({ status }: JobState): boolean => status === 'done' || status === 'failed' || status === 'cancelled'

async function ended({ when }: HostedEngine, id: number): Promise<JobState> {
  return when((state) => state.id === id && hasEnded(state))
}

async function atWork({ when }: HostedEngine, id: number): Promise<void> {
  const state = await when((one) => one.id === id && (one.progress?.phase === 'work' || hasEnded(one)))
  expect(state.status).toBe('running')
}

function kill({ processes }: HostedEngine): void {
  processes.at(-1)!.kill()
}

describe('an engine that is kept running', () => {
  test('a crash costs the job that ran: the archive is as before, the jobs that waited are done, and so is the next one', async () => {
    const folder = temporaryFolder()
    const hosted = hostEngine()
    const first = await hosted.host.submit(create(folder, 'first', 'first'))
    expect(await ended(hosted, first)).toMatchObject({ status: 'done' })
    const archive = join(folder, 'first.lmz')
    const before = readFileSync(archive)

    const long = await hosted.host.submit(add(folder, 'long', archive))
    const waiting = await hosted.host.submit(create(folder, 'waiting', 'waiting'))
    await atWork(hosted, long)
    kill(hosted)

    const failed = await ended(hosted, long)
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'EngineEnded' } })
    expect(failed.error!.message).toContain('signal SIGKILL')
    expect(await ended(hosted, waiting)).toMatchObject({
      status: 'done',
      request: { archive: join(folder, 'waiting.lmz') },
    })
    const { handle, info } = await hosted.host.engine.openArchive(archive)
    expect(info).toMatchObject({ files: 1 })
    await hosted.host.engine.closeArchive(handle)

    const next = await hosted.host.submit({ ...add(folder, 'next', archive), preset: 'fast' })
    expect(new Set([first, long, waiting, next]).size).toBe(4)
    expect(await ended(hosted, next)).toMatchObject({ status: 'done' })
    const verify = await hosted.host.submit({ verb: 'verify', archive })
    expect(await ended(hosted, verify)).toMatchObject({ status: 'done', report: { condition: 'intact', problems: [] } })
    // Whatever the killed job had appended is gone: what is there now continues what was there before.
    expect(readFileSync(archive).subarray(0, before.length).equals(before)).toBe(true)
    expect(readdirSync(folder).filter((name) => !/^(first|long|waiting|next)(\.lmz)?$/.test(name))).toEqual([])
  })

  test('tells of a crash once, the failed job first, and lists all jobs of before', async () => {
    const folder = temporaryFolder()
    const hosted = hostEngine()
    const done = await hosted.host.submit(create(folder, 'done', 'text'))
    await ended(hosted, done)
    const long = await hosted.host.submit({ ...add(folder, 'long', join(folder, 'new.lmz')), verb: 'create' })
    await atWork(hosted, long)
    kill(hosted)
    await ended(hosted, long)
    const after = await hosted.host.submit(create(folder, 'after', 'text'))
    await ended(hosted, after)
    const told = hosted.history.map((one) => (one === 'restarted' ? one : `${one.id} ${one.status}`))
    expect(told.filter((one) => one === 'restarted')).toHaveLength(1)
    expect(told.indexOf(`${long} failed`)).toBeLessThan(told.indexOf('restarted'))
    expect(hosted.host.jobs().map(({ id, status }) => [id, status])).toEqual([
      [done, 'done'],
      [long, 'failed'],
      [after, 'done'],
    ])
  })

  test('cancels, pauses and resumes a job by the number it gave it, after a crash too', async () => {
    const folder = temporaryFolder()
    const hosted = hostEngine()
    const lost = await hosted.host.submit({ ...add(folder, 'lost', join(folder, 'lost.lmz')), verb: 'create' })
    await atWork(hosted, lost)
    kill(hosted)
    await ended(hosted, lost)
    const job = await hosted.host.submit({ ...add(folder, 'again', join(folder, 'again.lmz')), verb: 'create' })
    await atWork(hosted, job)
    await hosted.host.pause(job)
    await hosted.when((state) => state.id === job && state.status === 'paused')
    await hosted.host.resume(job)
    // The lost job has the number that the new engine gave to this one.
    await hosted.host.cancel(lost)
    await hosted.host.cancel(job)
    expect(await ended(hosted, job)).toMatchObject({ status: 'cancelled' })
    expect(hosted.host.jobs().map(({ status }) => status)).toEqual(['failed', 'cancelled'])
    expect(await failureOf(hosted.host.cancel(99))).toMatchObject({ code: 'Usage' })
  })

  test('a job that was cancelled when its engine died is cancelled, and so is one that waited', async () => {
    const folder = temporaryFolder()
    const hosted = hostEngine()
    const archive = join(folder, 'new.lmz')
    const job = await hosted.host.submit({ ...add(folder, 'long', archive), verb: 'create' })
    const waiting = await hosted.host.submit(create(folder, 'waiting', 'text'))
    await atWork(hosted, job)
    void hosted.host.cancel(waiting).catch(() => undefined)
    void hosted.host.cancel(job).catch(() => undefined)
    kill(hosted)
    for (const id of [job, waiting]) expect(await ended(hosted, id)).toMatchObject({ status: 'cancelled' })
    const next = await hosted.host.submit(create(folder, 'next', 'text'))
    expect(await ended(hosted, next)).toMatchObject({ status: 'done' })
    // Neither the unfinished archive, which nobody may ever write again, nor its lock.
    expect(readdirSync(folder).filter((name) => name.includes('.lmz'))).toEqual(['next.lmz'])
  })

  test('fails calls about archives that the dead engine had open, and does not mix them up with new ones', async () => {
    const folder = temporaryFolder()
    const hosted = hostEngine()
    const job = await hosted.host.submit(create(folder, 'made', 'text'))
    await hosted.when((state) => state.id === job && isDone(state))
    const { engine } = hosted.host
    const { handle } = await engine.openArchive(join(folder, 'made.lmz'))
    kill(hosted)
    expect(await failureOf(engine.pathOf(handle, 1))).toMatchObject({ code: 'EngineEnded' })
    expect(await failureOf(engine.pathOf(handle, 1))).toMatchObject({ code: 'EngineEnded' })
  })

  test('an engine that cannot start is not started over and over', async () => {
    const folder = temporaryFolder()
    const broken = join(folder, 'broken.js')
    writeFileSync(broken, 'process.exit(3)\n')
    const hosted = hostEngine(broken)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(hosted.processes.length).toBeGreaterThan(1)
    expect(hosted.processes.length).toBeLessThanOrEqual(4)
    expect(await failureOf(hosted.host.submit(create(folder, 'source', 'text')))).toMatchObject({ code: 'EngineEnded' })
    expect(hosted.host.hasJobsUnderWay).toBe(false)
  })
})
