import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JobState } from '../../src-main/contract/engine-api'
import { noise } from '../e2e/cli-tree'
import { codeOf, LinkClient, openWindow } from '../support/web-window'
import { slowText } from '../unit/engine/slow-text'

function fill(folder: string, name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content)
  return path
}

function jobOf(args: readonly unknown[]): JobState {
  return args[0] as JobState
}

describe('when the engine is killed', () => {
  test('every window is told, the job is marked, the archive is the old one, and the window goes on', async () => {
    const window = await openWindow()
    const { client, folder, engines, origin, cookie } = window
    const other = await LinkClient.open(origin, cookie)
    await other.engine('jobs')
    const archive = join(folder, 'made.lmz')
    const first = fill(folder, 'first', { 'a.txt': 'alpha', 'noise.bin': noise(300_000) })
    expect((await client.run({ verb: 'create', archive, paths: [first] })).status).toBe('done')
    const before = readFileSync(archive)
    const { handle } = await client.engine('openArchive', archive)
    const foreign = await other.engine('openArchive', archive)

    const more = fill(folder, 'more', { 'long.txt': slowText(4_000_000) })
    const job = await client.engine('submit', {
      verb: 'add',
      archive,
      paths: [more],
      preset: 'balanced',
      blockSize: 262_144,
    })
    await client.when(
      ({ name, args }) => name === 'jobChanged' && jobOf(args).id === job && jobOf(args).progress?.phase === 'work',
    )
    engines[0]!.kill()

    for (const one of [client, other]) {
      const { args } = await one.when(({ name, args }) => name === 'jobChanged' && jobOf(args).status === 'failed')
      expect(jobOf(args)).toMatchObject({
        id: job,
        error: { code: 'EngineEnded', message: expect.stringContaining('SIGKILL') as string },
      })
      await one.when(({ source, name }) => source === 'shell' && name === 'engineRestarted')
    }
    expect(engines).toHaveLength(2)
    expect(await client.engine('jobs')).toMatchObject([{ status: 'done' }, { id: job, status: 'failed' }])
    // Of what was open, nothing is; and the numbers do not come to stand for something else.
    const again = await client.engine('openArchive', archive)
    expect([handle, foreign.handle]).not.toContain(again.handle)
    expect(codeOf(await client.call('engine', 'pathOf', [handle, 1]))).toBe('Usage')
    expect(codeOf(await other.call('engine', 'pathOf', [foreign.handle, 1]))).toBe('Usage')
    expect(await client.engine('pathOf', again.handle, 1)).toEqual(['first'])

    expect((await client.run({ verb: 'verify', archive })).report).toMatchObject({ files: 2, problems: [] })
    const added = await client.run({ verb: 'add', archive, paths: [more], preset: 'fast' })
    expect(added).toMatchObject({ status: 'done', report: { files: 3 } })
    expect(readFileSync(archive).subarray(0, before.length).equals(before)).toBe(true)
  })

  test('at any moment of a removal, the archive is the old or the new one', async () => {
    const { client, folder, engines } = await openWindow()
    const archive = join(folder, 'made.lmz')
    const source = fill(folder, 'source', { 'keep.bin': noise(6_000_000), 'drop.bin': noise(2_000_000).reverse() })
    expect((await client.run({ verb: 'create', archive, paths: [source], preset: 'fast' })).status).toBe('done')
    const old = readFileSync(archive)
    const ends = new Set<string>()
    for (let time = 0; time < 6; time++) {
      writeFileSync(archive, old)
      const job = await client.engine('submit', { verb: 'remove', archive, entries: ['source/drop.bin'] })
      await new Promise((pause) => setTimeout(pause, 15 * time * time))
      engines.at(-1)!.kill()
      const { args } = await client.when(
        ({ name, args }) =>
          name === 'jobChanged' && jobOf(args).id === job && /^(done|failed)$/.test(jobOf(args).status),
      )
      await client.when(() => client.told.filter(({ name }) => name === 'engineRestarted').length > time)
      const { report, status } = await client.run({ verb: 'verify', archive })
      expect(status).toBe('done')
      const isOld = readFileSync(archive).equals(old)
      expect(report).toMatchObject({ condition: 'intact', files: isOld ? 2 : 1, problems: [] })
      // What was told as done is done.
      if (jobOf(args).status === 'done') expect(isOld).toBe(false)
      ends.add(isOld ? 'old' : 'new')
    }
    expect(ends).toContain('old')
  })
})
