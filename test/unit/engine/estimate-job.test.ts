import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { JobState } from '../../../src-main/contract/engine-api'
import { Engine } from '../../../src-main/engine/engine'
import { temporaryFolder } from '../../support/temporary'

it('a window gets an estimate as the report of a job, before there is a name for the archive', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'one.txt'), 'some text '.repeat(1000))
  const finished = Promise.withResolvers<JobState>()
  const engine = new Engine({
    jobChanged: (job) => {
      if (job.status === 'done' || job.status === 'failed') finished.resolve(job)
    },
    problem: () => undefined,
    question: () => undefined,
  })
  onTestFinished(() => engine.close())
  engine.submit({ verb: 'estimate', paths: [folder], preset: 'fast' })
  const { status, report } = await finished.promise
  expect(status).toBe('done')
  expect(report).toMatchObject({ entries: 2, files: 1, rawBytes: 10_000, presets: [{ preset: 'fast' }] })
})
