import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/*
 * node test/bench/protect.ts [megabytes]
 *
 * Packs random data with the built command line, and prints what parity of it takes at each level, how fast it is made, what extracting takes
 * without and with it, and what repairing a burst of 5 % takes.
 */

const megabytes = Number(process.argv[2] ?? 1000)
const lmz = resolve(import.meta.dirname, '../../out/lmz')
const folder = mkdtempSync(join(tmpdir(), 'lmz-bench-'))

/** Seconds of a command. */
function timed(...parameters: string[]): number {
  const start = performance.now()
  execFileSync(lmz, parameters, { stdio: 'ignore' })
  return (performance.now() - start) / 1000
}

function extractSeconds(archive: string): number {
  const out = join(folder, 'out')
  const seconds = timed('extract', archive, '-C', out)
  rmSync(out, { recursive: true })
  return seconds
}

function damage(path: string): void {
  const { size } = statSync(path)
  const burst = Buffer.alloc(Math.floor(size * 0.05))
  const file = openSync(path, 'r+')
  writeSync(file, randomFillSync(burst), 0, burst.length, Math.floor(size * 0.3))
  closeSync(file)
}

try {
  mkdirSync(join(folder, 'in'))
  const piece = Buffer.alloc(1_000_000)
  const file = openSync(join(folder, 'in/noise'), 'w')
  for (let n = 0; n < megabytes; n++) writeSync(file, randomFillSync(piece))
  closeSync(file)
  const plain = join(folder, 'plain.lmz')
  timed('create', '--preset', 'fast', plain, join(folder, 'in'))
  const { size } = statSync(plain)
  for (const level of ['light', 'normal', 'strong']) {
    const path = join(folder, `${level}.lmz`)
    copyFileSync(plain, path)
    const seconds = timed('protect', path, '--level', level)
    const share = (((statSync(path).size - size) / size) * 100).toFixed(2)
    console.log(`${level}: ${share} % of ${megabytes} MB, ${Math.round(megabytes / seconds)} MB/s`)
  }
  const normal = join(folder, 'normal.lmz')
  const times = { plain: [] as number[], protected: [] as number[] }
  for (let round = 0; round < 5; round++) {
    times.plain.push(extractSeconds(plain))
    times.protected.push(extractSeconds(normal))
  }
  const median = (list: number[]): number => list.sort((left, right) => left - right)[2] ?? NaN
  console.log(`extracting: ${median(times.plain).toFixed(2)} s, protected ${median(times.protected).toFixed(2)} s`)
  damage(normal)
  console.log(`repairing a burst of 5 %: ${timed('repair', normal, join(folder, 'repaired.lmz')).toFixed(1)} s`)
} finally {
  rmSync(folder, { recursive: true })
}
