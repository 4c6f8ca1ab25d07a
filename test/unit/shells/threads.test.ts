import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultSettings } from '../../../src-main/contract/shell-api'
import { temporaryFolder } from '../../support/temporary'
import { codeOf, openWindow } from '../../support/web-window'
import { slowText } from '../engine/slow-text'

/** The engines that this process has started and that still run. */
function engines(): readonly number[] {
  const isEngine = (id: string): boolean => {
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${id}/stat`, 'utf8'))?.[1]
      return Number(parent) === process.pid && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('engine.js')
    } catch {
      return false
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isEngine(name))
    .map(Number)
}

test.skipIf(process.platform !== 'linux')(
  'a job has as many worker threads as the settings say, without a restart and after a crash',
  async () => {
    const folder = temporaryFolder()
    const source = join(folder, 'source')
    mkdirSync(source)
    for (let at = 0; at < 8; at++) writeFileSync(join(source, `${at}.txt`), `${at} ${slowText(700_000)}`)
    const { client, engines: started } = await openWindow()
    const threadsFor = async (threads: number): Promise<number> => {
      await client.shell('changeSettings', { ...defaultSettings, threads })
      let most = 0
      const watch = setInterval(() => {
        for (const id of engines()) most = Math.max(most, readdirSync(`/proc/${id}/task`).length)
      }, 10)
      const archive = join(folder, `${threads}-${Math.random()}.lmz`)
      const job = await client.run({ verb: 'create', archive, paths: [source], preset: 'fast', blockSize: 65_536 })
      clearInterval(watch)
      expect(job.status).toBe('done')
      return most
    }
    const one = await threadsFor(1)
    expect((await threadsFor(5)) - one).toBe(4)
    started[0]!.kill()
    await client.when(({ name }) => name === 'engineRestarted')
    expect((await threadsFor(5)) - one).toBe(4)
    // Windows change settings and nothing else.
    expect(codeOf(await client.call('engine', 'useThreads', [1]))).toBe('Usage')
    expect(codeOf(await client.call('engine', 'tidyUp', [join(folder, 'a.lmz')]))).toBe('Usage')
  },
)
