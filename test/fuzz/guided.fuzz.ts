import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { seed } from '../support/random'
import { fuzz, type FuzzReport } from './guided'
import { targets } from './targets/all'
import { neural } from './targets/codecs'

/*
 * Guided by what inputs reach: each parser for LMZ_FUZZ_SECONDS of the processor (4, which makes a minute and a half of all), from LMZ_SEED
 * (1) on. LMZ_FUZZ_TARGETS (a regular expression) chooses some, LMZ_FUZZ_INPUT names a kept input. A night is LMZ_FUZZ_SECONDS=1800 npm run fuzz.
 */
const seconds = Number(process.env['LMZ_FUZZ_SECONDS'] ?? 4)
const chosen = new RegExp(process.env['LMZ_FUZZ_TARGETS'] ?? '')
/** An input that was kept: only this is tried, with all of the chosen targets. */
const only = process.env['LMZ_FUZZ_INPUT']
const kept = resolve(import.meta.dirname, '../../out/fuzz')

const withNet = neural()
const reports: FuzzReport[] = []

afterAll(() => {
  withNet.end()
  const all = reports.reduce((sum, { processorSeconds }) => sum + processorSeconds, 0)
  console.info(`${all.toFixed(0)} s of the processor in all`)
})

describe.each([...targets, withNet.target].filter(({ name }) => chosen.test(name)))('$name', (target) => {
  it('gives an error with a name or a right answer, soon, to whatever it is given', async () => {
    const chosenTarget = only === undefined ? target : { ...target, seeds: () => [readFileSync(only)] }
    const report = await fuzz(
      chosenTarget,
      seed,
      only === undefined ? { processorSeconds: seconds } : { executions: 1 },
    )
    reports.push(report)
    console.info(lineOf(report))
    mkdirSync(kept, { recursive: true })
    const found = report.findings.map(({ message, input }, at) => {
      const path = join(kept, `${target.name.replaceAll(/[^a-z]+/g, '-')}-${seed}-${at}`)
      writeFileSync(path, input)
      return `${message} (kept as ${path})`
    })
    expect(found, lineOf(report)).toEqual([])
  })
})

function lineOf({
  target,
  executions,
  processorSeconds,
  corpus,
  reached,
  branches,
  accepted,
  slowestMs,
}: FuzzReport): string {
  const pace = (executions / processorSeconds).toFixed(0)
  const share = ((100 * reached) / Math.max(1, branches)).toFixed(0)
  const parts = [
    `${target}: ${executions} executions in ${processorSeconds.toFixed(0)} s of the processor (${pace}/s)`,
    `${reached} of ${branches} branches (${share} %)`,
    `${corpus} inputs kept`,
    `${(accepted * 100).toFixed(1)} % accepted`,
    `slowest ${slowestMs.toFixed(0)} ms`,
  ]
  return parts.join(', ')
}
