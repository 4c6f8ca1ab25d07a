import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type * as library from '../../src-main/shells/library/index'

/*
 * node test/bench/encryption.ts <folder or file> ... [--preset fast] [--rounds 5]
 *
 * Packs and extracts the same data without and with a password, in turns, and prints what encryption costs: medians of wall-clock
 * time and of processor time (which other programs on the machine disturb less), and bytes. Then what a wrong password takes.
 * To be run when out/ is built.
 */

const built = new URL('../../out/main/lmz.js', import.meta.url).href
const { createArchive, extractArchive, openArchive } = (await import(built)) as typeof library

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { preset: { type: 'string', default: 'fast' }, rounds: { type: 'string', default: '5' } },
})
const preset = values.preset as 'fast' | 'balanced' | 'max'
const paths = positionals.map((path) => resolve(path))
const password = 'what the bench chose'

interface Cost {
  readonly wall: number
  readonly processor: number
}

/** Milliseconds that something takes, and those of all threads' processor time. */
async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [start, before] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wall: performance.now() - start, processor: (user + system) / 1000 }
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
}

const folder = mkdtempSync(join(tmpdir(), 'lmz-bench-'))
const costs = new Map<string, Cost[]>()
const sizes: Record<string, number> = {}
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    // In turns, and first the one, then the other: a machine that gets busier treats both alike.
    const kinds = round % 2 === 0 ? ['plain', 'encrypted'] : ['encrypted', 'plain']
    for (const kind of kinds) {
      const archive = join(folder, `${kind}.lmz`)
      const secret = kind === 'plain' ? {} : { password }
      const note = async (what: string, work: () => Promise<unknown>): Promise<void> => {
        const key = `${what} ${kind}`
        costs.set(key, [...(costs.get(key) ?? []), await costOf(work)])
      }
      await note('create', () => createArchive(archive, paths, { preset, replace: true, ...secret }))
      sizes[kind] = statSync(archive).size
      const out = join(folder, 'out')
      mkdirSync(out)
      await note('extract', () => extractArchive(archive, [], out, { links: 'none', ...secret }))
      rmSync(out, { recursive: true })
    }
  }
  const wrong: number[] = []
  for (let n = 0; n < 5; n++) {
    const tried = () => openArchive(join(folder, 'encrypted.lmz'), { password: 'another' }).catch(() => undefined)
    wrong.push((await costOf(tried)).wall)
  }
  console.log('| | wall, s | encrypted | ratio | processor, s | encrypted | ratio |')
  console.log('|---|---:|---:|---:|---:|---:|---:|')
  for (const what of ['create', 'extract']) {
    const of = (kind: string, part: keyof Cost): number =>
      median((costs.get(`${what} ${kind}`) ?? []).map((cost) => cost[part]))
    const cells = (['wall', 'processor'] as const).flatMap((part) => {
      const [plain, encrypted] = [of('plain', part), of('encrypted', part)]
      return [(plain / 1000).toFixed(2), (encrypted / 1000).toFixed(2), (encrypted / plain).toFixed(3)]
    })
    console.log(`| ${what} | ${cells.join(' | ')} |`)
  }
  const [plain = 0, encrypted = 0] = [sizes['plain'], sizes['encrypted']]
  console.log(`Bytes: ${plain}, encrypted ${encrypted}, ratio ${(encrypted / plain).toFixed(4)}`)
  console.log(`A wrong password: ${median(wrong).toFixed(0)} ms, at most ${Math.max(...wrong).toFixed(0)} ms`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
