import { afterEach, expect, test } from 'vitest'
import { priorArena, sharedPrior, usePriorArena } from '../../../src-main/models/prior-arena'

const before = priorArena()
afterEach(() => usePriorArena(before))

const prior = { table: new Uint8Array([1, 2, 3]), small: new Uint8Array([4]) }

test('a part is filled once and then shared', () => {
  usePriorArena(new SharedArrayBuffer(before.byteLength))
  expect(sharedPrior(1, () => prior)).toEqual(prior)
  expect(
    sharedPrior(1, () => {
      throw new Error('asked again')
    }),
  ).toEqual(prior)
})

test('a thread that was stopped while it filled a part holds up nobody for ever', () => {
  usePriorArena(new SharedArrayBuffer(before.byteLength))
  const left = sharedPriorLeftHalfway(0)
  const start = performance.now()
  expect(sharedPrior(0, () => prior)).toEqual(prior)
  expect(performance.now() - start).toBeLessThan(10_000)
  expect(left).toBe('loading')
})

/** What another thread sees of one that is stopped inside of `read`: a part marked as being filled, and nothing after that. */
function sharedPriorLeftHalfway(place: number): string {
  const flags = new Int32Array(priorArena(), 0, 64)
  const untouched = flags.slice()
  let during: Int32Array | undefined
  sharedPrior(place, () => {
    during = flags.slice()
    return prior
  })
  flags.set(during ?? untouched)
  return during?.some((word, at) => word !== untouched[at]) === true ? 'loading' : 'untouched'
}
