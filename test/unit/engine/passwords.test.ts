import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../../src-main/archive/archive'
import type { JobState } from '../../../src-main/contract/engine-api'
import { LmzError } from '../../../src-main/contract/error'
import { checkedArguments } from '../../../src-main/engine/call-arguments'
import { Engine } from '../../../src-main/engine/engine'
import { makeEncrypted, password, writeSecretTree } from '../../support/encrypted-archive'
import { temporaryFolder } from '../../support/temporary'

/** An engine, all that it ever told, and the last state of each job. */
function startEngine() {
  const told: string[] = []
  const ended = new Map<number, JobState>()
  const waiting = new Map<number, (state: JobState) => void>()
  const tell = (...what: unknown[]): void => {
    told.push(JSON.stringify(what))
  }
  const engine = new Engine({
    jobChanged: (job) => {
      tell(job)
      if (!['done', 'failed', 'cancelled'].includes(job.status)) return
      ended.set(job.id, job)
      waiting.get(job.id)?.(job)
    },
    problem: tell,
    question: tell,
  })
  const done = (id: number): Promise<JobState> => {
    const state = ended.get(id)
    return state === undefined ? new Promise((resolve) => waiting.set(id, resolve)) : Promise.resolve(state)
  }
  return { engine, told, done }
}

describe('passwords in the engine', () => {
  it('do their work and are never told: every window sees what the engine tells', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const { engine, told, done } = startEngine()
    const archive = join(folder, 'made.lmz')
    const paths = [writeSecretTree(folder)]
    const jobs = [
      engine.submit({ verb: 'create', archive, paths, preset: 'fast', encrypt: true }, { password }),
      engine.submit({ verb: 'verify', archive }, { password }),
      engine.submit({ verb: 'verify', archive }, { password: 'not the secret word' }),
      engine.submit({ verb: 'password', archive, change: 'change' }, { password, newPassword: 'the next secret word' }),
      engine.submit({ verb: 'create', archive: join(folder, 'none.lmz'), paths, encrypt: true }),
    ]
    const states = await Promise.all(jobs.map(done))
    expect(states.map(({ status }) => status)).toEqual(['done', 'done', 'failed', 'done', 'failed'])
    expect(states[2]?.error).toMatchObject({ code: 'Auth', reason: 'password' })
    const all = told.join('\n') + JSON.stringify(engine.jobs())
    for (const secret of [password, 'secret word']) expect(all).not.toContain(secret)
    const { handle, info } = await engine.openArchive(archive, 'the next secret word')
    expect(JSON.stringify(info)).not.toContain('secret word')
    expect(info.passwords).toBe(1)
    engine.closeArchive(handle)
    await expect(engine.openArchive(archive)).rejects.toMatchObject({ code: 'Auth', reason: 'password' })
    await engine.close()
  })

  it('are not repeated by the error of a call that is none', () => {
    for (const call of [
      () => checkedArguments('submit', [{}, { passwort: 'a secret word' }]),
      () => checkedArguments('openArchive', ['/x', { password: 'a secret word' }]),
      () => checkedArguments('openArchive', ['/x', 'a secret word', 'a secret word']),
    ]) {
      expect(call).toThrow(LmzError)
      expect(call).not.toThrow(/secret word/)
    }
    expect(checkedArguments('submit', [{}, { password: 'x' }])).toEqual([{}, { password: 'x' }])
    // MessagePack, on the way from a browser, makes null of what is left out.
    expect(checkedArguments('openArchive', ['/x', null])).toEqual(['/x', null])
  })
})

describe('the keys of an archive', () => {
  it('are overwritten when it is closed', async () => {
    const archive = await Archive.open(await makeEncrypted(temporaryFolder()), undefined, { password })
    const { masterKey, keys } = archive.encryption!
    const all = [masterKey.bytes, ...Object.values<Uint8Array>({ ...keys })]
    expect(all.every((key) => key.some((byte) => byte !== 0))).toBe(true)
    archive.close()
    expect(all.every((key) => key.every((byte) => byte === 0))).toBe(true)
  })
})
