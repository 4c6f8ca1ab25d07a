import { fork } from 'node:child_process'
import { resolve } from 'node:path'

/*
 * node test/bench/time-left.ts <request as JSON>
 *
 * Runs a job in the built engine, and prints how many states it told of in a second, and what it said was left against what was.
 */

interface State {
  readonly status: string
  readonly progress?: {
    readonly phase: string
    readonly bytes: number
    readonly bytesTotal?: number
    readonly share?: number
    readonly bytesPerSecond?: number
    readonly secondsLeft?: number
  }
  readonly error?: { readonly message: string }
}

const child = fork(resolve(import.meta.dirname, '../../out/main/engine.js'), { serialization: 'advanced' })
const told: { readonly at: number; readonly state: State }[] = []
child.on('message', (message: { readonly m?: string; readonly a?: readonly [State] }) => {
  const [state] = message.a ?? []
  if (message.m !== 'jobChanged' || state === undefined) return
  told.push({ at: performance.now(), state })
  if (['done', 'failed', 'cancelled'].includes(state.status)) print(state)
})
child.send({ t: 'q', m: 'submit', a: [JSON.parse(process.argv[2] ?? '{}')], i: '1' })

function print(last: State): void {
  child.kill()
  const end = told.at(-1)?.at ?? 0
  const work = told.filter(({ state }) => state.progress?.phase === 'work')
  const start = work[0]?.at ?? 0
  console.log(`${last.status} ${last.error?.message ?? ''}`)
  console.log(`${((end - (told[0]?.at ?? 0)) / 1000).toFixed(1)} s, of it ${((end - start) / 1000).toFixed(1)} s work`)
  const gaps = told.slice(1).map(({ at }, index) => at - (told[index]?.at ?? at))
  console.log(`${(told.length / ((end - (told[0]?.at ?? 0)) / 1000)).toFixed(1)} states a second`)
  console.log(`longest gap ${Math.max(...gaps).toFixed(0)} ms, last: ${JSON.stringify(last.progress)}`)
  console.log('   time   bytes   share   MB/s   left   truth  error')
  for (let share = 0.05; share < 1; share += 0.05) {
    const point = work.find(({ at }) => at >= start + (end - start) * share)
    const progress = point?.state.progress
    if (point === undefined || progress === undefined) continue
    const { bytes, bytesTotal = 0, bytesPerSecond, secondsLeft } = progress
    const truth = (end - point.at) / 1000
    const percent = (value: number | undefined) =>
      (value === undefined ? '' : `${(value * 100).toFixed(0)} %`).padStart(7)
    const number = (value: number | undefined) => (value?.toFixed(1) ?? '').padStart(7)
    const error = secondsLeft === undefined ? undefined : secondsLeft / truth - 1
    console.log(
      `${percent(share)} ${percent(bytes / bytesTotal)} ${percent(progress.share)} ` +
        `${number((bytesPerSecond ?? NaN) / 1e6)} ${number(secondsLeft)} ${number(truth)} ${percent(error)}`,
    )
  }
}
