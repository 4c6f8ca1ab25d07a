import { expect } from 'vitest'
import { scanForRuns } from '../../src-main/archive/protection/find-runs'
import { Healer } from '../../src-main/archive/protection/healer'
import { PatchedSource } from '../../src-main/archive/protection/patched-source'
import { planRun } from '../../src-main/archive/protection/plan-run'
import { runSteps } from '../../src-main/archive/protection/steps'
import { writeRun } from '../../src-main/archive/protection/write-run'
import { diskStorage } from '../../src-main/archive/storage'
import type { ProtectionLevel } from '../../src-main/contract/protection'
import { MemorySource } from '../../src-main/format/byte-source'
import type { ParityRun } from '../../src-main/format/parity/run'
import type { Random } from './random'

/** Bytes and the parity frame behind them, as they stand in a protected archive. */
export interface ProtectedBytes {
  readonly run: ParityRun
  /** With the parity. */
  readonly file: Buffer
}

/** @param folder for the parity of large runs */
export async function protectBytes(
  random: Random,
  cells: number,
  cellLength: number,
  { level = 'normal', folder = '/' }: { level?: ProtectionLevel; folder?: string } = {},
): Promise<ProtectedBytes> {
  // Not a whole number of cells: the last one is filled up.
  const data = random.bytes(Math.min(cells * cellLength, 65_536))
  const bytes = Buffer.alloc(cells * cellLength - 5)
  for (let at = 0; at < bytes.length; at += data.length) data.copy(bytes, at)
  for (let at = 0; at < bytes.length; at += 1021) bytes[at] = random.below(256)
  const range = { archiveId: random.bytes(16), from: 0, position: bytes.length }
  const previous = { position: 0, hash: new Uint8Array(16) }
  const run = planRun({ ...range, previous }, level, cellLength)
  const parts: Buffer[] = [bytes]
  const sink = {
    append: (...more: readonly Uint8Array[]): Promise<void> => {
      parts.push(...more.map((part) => Buffer.from(part)))
      return Promise.resolve()
    },
  }
  const path = `${folder}/protected`
  await writeRun(sink, { run, source: new MemorySource(bytes), commit: 2, storage: diskStorage, path })
  const file = Buffer.concat(parts)
  expect(file).toHaveLength(run.end)
  return { run, file }
}

/** What became of damaged bytes. */
export interface Outcome {
  readonly lostBytes: number
  /** Whether all that was protected came back. */
  readonly isWhole: boolean
}

/** Heals all that can be healed; fails if any byte that passes for right is wrong. */
export function heal({ run, file }: ProtectedBytes, damaged: Buffer, label: string): Outcome {
  const source = new MemorySource(damaged)
  const found = runSteps(scanForRuns(source, 0, run.description.archiveId))
  if (found.runs.length === 0) return { lostBytes: run.length, isWhole: false }
  const healer = new Healer(source, -1, found)
  try {
    runSteps(healer.healAll())
    const healed = new PatchedSource(source, run.end, healer.patches(0, run.length)).read(0, run.length)
    const right = file.subarray(0, run.length)
    const lost = [...healer.stretches('lost'), ...healer.stretches('unknown')].sort(
      (left, right) => left.position - right.position,
    )
    let position = 0
    for (const { position: start, length } of [...lost, { position: run.length, length: 0 }]) {
      const isRight = right.subarray(position, start).equals(healed.subarray(position, start))
      expect(isRight, `${label}: wrong bytes between ${position} and ${start}`).toBe(true)
      position = start + length
    }
    const lostBytes = healer.stretches('lost').reduce((sum, { length }) => sum + length, 0)
    return { lostBytes, isWhole: right.equals(healed) }
  } finally {
    healer.close()
  }
}

/** Overwrites a stretch with noise, which is no parity and no zeros. */
export function overwrite(bytes: Buffer, random: Random, from: number, length: number): void {
  const noise = random.bytes(Math.min(length, 4096))
  for (let at = from; at < from + length; at += noise.length)
    noise.copy(bytes, at, 0, Math.min(noise.length, from + length - at))
}

/** Overwrites a share of all stretches of a cell's length, parity included; exactly so many of them. */
export function damageCells(bytes: Buffer, random: Random, cellLength: number, share: number): void {
  const units = Math.floor(bytes.length / cellLength)
  const hit = new Set<number>()
  while (hit.size < Math.round(units * share)) hit.add(random.below(units))
  for (const unit of hit) overwrite(bytes, random, unit * cellLength, cellLength)
}
