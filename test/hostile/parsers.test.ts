import { afterAll, describe, expect, it } from 'vitest'
import { fuzz, type Target } from '../fuzz/guided'
import { targets } from '../fuzz/targets/all'
import { neural } from '../fuzz/targets/codecs'
import { seed } from '../support/random'

/** The slow ones get fewer; `npm run fuzz` is for more. */
const executions: Readonly<Record<string, number>> = {
  'archive: scan, snapshot, blocks': 200,
  'index, structure checked': 200,
  'index, structure unchecked': 200,
  'codec mix': 40,
  'mix kernel': 200,
  'codec float, modelled': 300,
  'key slots': 300,
  unlocking: 150,
  'encrypted archive: what is behind the seal': 150,
  'parity: damaged archives': 150,
  'parity: hostile records': 150,
  'parity: damaged encrypted archives': 60,
  'repair of damaged archives': 15,
  'codec neural': 30,
  'prior file': 60,
  'prior streams': 60,
  'net description': 60,
}

const withNet = neural()
afterAll(() => withNet.end())

describe.each([...targets, withNet.target])('$name', (target: Target) => {
  it('answers mutated bytes with a typed error or a right result: anything else may be a way in', async () => {
    const { findings, accepted } = await fuzz(target, seed, { executions: executions[target.name] ?? 2000 })
    expect(findings.map(({ message }) => message)).toEqual([])
    // Otherwise only the first check would be tried.
    expect(accepted, 'none of the inputs was a right one').toBeGreaterThan(0)
  })
})
