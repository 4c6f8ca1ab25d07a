import { describe, expect, it } from 'vitest'
import type { Progress } from '../../../src-main/contract/progress'
import { JobPace } from '../../../src-main/engine/job-pace'

const bytesTotal = 100e6

function report(bytes: number, share?: number): Progress {
  return { phase: 'work', entries: 0, entriesTotal: 7, bytes, bytesTotal, share }
}

describe('the pace of a job', () => {
  it('is told once there is a base for it, and then is right: a window would promise nonsense', () => {
    const pace = new JobPace()
    pace.report({ phase: 'scan', entries: 100, bytes: bytesTotal }, 0)
    expect(pace.progress(5000)).toMatchObject({ phase: 'scan', secondsLeft: undefined, bytesPerSecond: undefined })
    pace.report(report(0), 5000)
    expect(pace.progress(5100)?.secondsLeft).toBeUndefined()
    for (let second = 1; second <= 20; second++) {
      pace.report(report(second * 2e6), 5000 + second * 1000)
      // In between, it goes on as time does.
      const { secondsLeft, bytesPerSecond } = pace.progress(5400 + second * 1000) ?? {}
      if (second < 4) continue
      expect(secondsLeft).toBeCloseTo(50 - second - 0.4, 0)
      expect(bytesPerSecond).toBeGreaterThan(1.5e6)
      expect(bytesPerSecond).toBeLessThan(2.1e6)
    }
  })

  it('goes by work, not by bytes, where the job knows better: a film behind a novel would seem to take an hour', () => {
    const pace = new JobPace()
    // 20 MB of text in 20 s; 80 MB that cost nothing are still to come.
    for (let second = 0; second <= 10; second++) pace.report(report(second * 1e6, second / 21), second * 1000)
    expect(pace.progress(10_000)?.secondsLeft).toBeCloseTo(11, 0)
  })

  it('does not count a pause: after a night, an hour would be left', () => {
    const pace = new JobPace()
    for (let second = 0; second <= 10; second++) pace.report(report(second * 1e6), second * 1000)
    pace.pause(10_000)
    const atPause = pace.progress(10_000)?.secondsLeft
    expect(pace.progress(3_600_000)).toMatchObject({ secondsLeft: atPause, bytesPerSecond: undefined })
    pace.resume(3_600_000)
    expect(pace.progress(3_600_000)?.secondsLeft).toBeCloseTo(90, 0)
    for (let second = 1; second <= 10; second++) pace.report(report((10 + second) * 1e6), 3_600_000 + second * 1000)
    expect(pace.progress(3_610_000)?.secondsLeft).toBeCloseTo(80, 0)
  })

  it('follows a machine that becomes slower: the last minute would take ten', () => {
    const pace = new JobPace()
    let now = 0
    let bytes = 0
    for (let second = 0; second <= 20; second++, now += 1000, bytes += 2e6) pace.report(report(bytes), now)
    for (let second = 0; second <= 40; second++, now += 1000, bytes += 0.5e6) pace.report(report(bytes), now)
    const truth = (bytesTotal - bytes) / 0.5e6
    expect(pace.progress(now)?.secondsLeft).toBeGreaterThan(truth * 0.7)
    expect(pace.progress(now)?.secondsLeft).toBeLessThan(truth * 1.3)
  })

  it('does not run out while a long block is being done: 0 s left would stand there for a minute', () => {
    const pace = new JobPace()
    for (let second = 0; second <= 9; second++) pace.report(report(second * 10e6), second * 1000)
    expect(pace.progress(30_000)?.secondsLeft).toBeGreaterThan(1)
  })

  it('ends with everything done, whatever was left out: the bar would stop short of its end', () => {
    const pace = new JobPace()
    pace.report(report(40e6, 0.3), 0)
    pace.report({ phase: 'finish', entries: 5, bytes: 41e6 }, 10)
    expect(pace.progress(20)).toMatchObject({ phase: 'finish', share: 0.3 })
    expect(pace.finished()).toMatchObject({ phase: 'finish', share: 1, entries: 5, entriesTotal: 5, secondsLeft: 0 })
    const verifying = new JobPace()
    verifying.report(report(40e6), 0)
    expect(verifying.finished()).toMatchObject({ bytes: bytesTotal, entries: 7, share: 1 })
    expect(new JobPace().finished()).toBeUndefined()
  })
})
