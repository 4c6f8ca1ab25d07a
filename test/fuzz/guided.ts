import { setImmediate as nextTurn } from 'node:timers/promises'
import { LmzError } from '../../src-main/contract/error'
import { Random } from '../support/random'
import { mutate } from './mutate'

/** A part of lmz that reads bytes others have written. */
export interface Target {
  readonly name: string
  /** The files whose branches it is to reach. */
  readonly covers: RegExp
  /** Bytes of the longest input. */
  readonly longest: number
  /** Inputs that tell the truth, and by what they say lead to most of the code. Made anew each time, so that there are no opaque files. */
  seeds(random: Random): readonly Uint8Array[] | Promise<readonly Uint8Array[]>
  /** Puts checksums right in place, so that what lies behind them is reached. */
  repair?(input: Buffer): void
  /** @throws LmzError for what is refused, which is as it should be; anything else is a finding */
  run(input: Uint8Array): void | Promise<void>
}

export interface Finding {
  readonly message: string
  readonly input: Buffer
}

export interface FuzzReport {
  readonly target: string
  readonly executions: number
  /** Of all the process's threads. */
  readonly processorSeconds: number
  readonly corpus: number
  /** Branches of the target's files that were reached, and that there are; 0 of 0 where nothing counts them. */
  readonly reached: number
  readonly branches: number
  /** Share of executions that ended without an error. */
  readonly accepted: number
  readonly slowestMs: number
  readonly findings: readonly Finding[]
}

export interface FuzzLimits {
  readonly executions?: number
  /** Of the processor: others may be using the computer as well. */
  readonly processorSeconds?: number
}

/** What takes more of the processor or of the memory is a finding, however right the answer. */
const longestMs = 5000
/** Beyond what the process has when a target begins; models keep some hundred megabytes. */
const mostMemory = 1.5e9
const mostFindings = 10
const largestCorpus = 4000

/**
 * Runs a target on mutations of its seeds, and on mutations of those that reached a branch, or a number of rounds through it, that
 * none before had reached. Without counters in the code (see instrument.ts) it is plain mutation of the seeds.
 */
export async function fuzz(target: Target, seed: number, limits: FuzzLimits): Promise<FuzzReport> {
  const random = new Random(seed)
  const corpus: Buffer[] = []
  const seen = new Uint8Array(counters().length)
  const findings = new Map<string, Finding>()
  const processorBefore = process.cpuUsage()
  const memoryBefore = process.memoryUsage.rss()
  let [executions, accepted, slowestMs] = [0, 0, 0]

  const tryOne = async (input: Buffer): Promise<void> => {
    counters().fill(0)
    const startOfOne = process.cpuUsage()
    const message = await outcomeOf(target, input)
    const took = processorSecondsSince(startOfOne) * 1000
    executions++
    slowestMs = Math.max(slowestMs, took)
    if (message === undefined) accepted++
    const found = findingOf(message, took, memoryBefore)
    if (found !== undefined && findings.size < mostFindings && !findings.has(found)) {
      findings.set(found, { message: found, input })
    }
    if (isNews(seen) && corpus.length < largestCorpus) corpus.push(input)
  }

  for (const one of await target.seeds(random)) {
    const input = Buffer.from(one)
    target.repair?.(input)
    await tryOne(input)
    // Seeds stay, whether or not they reach anything new.
    if (corpus.at(-1) !== input) corpus.push(input)
  }
  const isOver = (): boolean =>
    executions >= (limits.executions ?? Infinity) ||
    processorSecondsSince(processorBefore) >= (limits.processorSeconds ?? Infinity)
  while (!isOver()) {
    const input = mutate(corpus, random, target.longest)
    target.repair?.(input)
    await tryOne(input)
    // What was freed in native code is given back between two turns of the event loop, and counts as taken until then.
    if (executions % 256 === 0) await nextTurn()
  }
  return {
    target: target.name,
    executions,
    processorSeconds: processorSecondsSince(processorBefore),
    corpus: corpus.length,
    ...reach(seen, target.covers),
    accepted: accepted / executions,
    slowestMs,
    findings: [...findings.values()],
  }
}

function processorSecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

const none = new Uint8Array(0)

function counters(): Uint8Array {
  return (globalThis as { readonly lmzCoverage?: Uint8Array }).lmzCoverage ?? none
}

/** @returns undefined where the input was accepted, else the error's code, or all of an error that is none of lmz's */
async function outcomeOf(target: Target, input: Buffer): Promise<string | undefined> {
  try {
    // A target may change what it is given; the corpus must not.
    const running = target.run(Uint8Array.from(input))
    if (running instanceof Promise) await running
    return undefined
  } catch (thrown) {
    if (thrown instanceof LmzError) return thrown.code
    return thrown instanceof Error ? `! ${firstLines(thrown)}` : `! ${String(thrown)}`
  }
}

function firstLines({ stack = '', message }: Error): string {
  const [place] = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return `${message.split('\n')[0] ?? ''} ${place?.trim() ?? ''}`
}

function findingOf(message: string | undefined, took: number, memoryBefore: number): string | undefined {
  if (message?.startsWith('!') === true) return message
  if (took > longestMs) return '! more than 5 s'
  if (process.memoryUsage.rss() - memoryBefore > mostMemory) return '! more than 1.5 GB of memory'
  return undefined
}

/** How often a branch was taken, in steps: once, twice, thrice, up to 7, 15, 31, 127, more. A bit each. */
const steps = Uint8Array.from({ length: 256 }, (_none, count) => {
  const limits = [0, 1, 2, 3, 7, 15, 31, 127, 255]
  const step = limits.findIndex((limit) => count <= limit)
  return step === 0 ? 0 : 1 << (step - 1)
})

/** Whether the counters show what `seen` does not have; notes it there. */
function isNews(seen: Uint8Array): boolean {
  const now = counters()
  let isNew = false
  for (let at = 0; at < now.length; at++) {
    const count = now[at] ?? 0
    if (count === 0) continue
    const bit = steps[count] ?? 0
    const before = seen[at] ?? 0
    if ((before & bit) !== 0) continue
    seen[at] = before | bit
    isNew = true
  }
  return isNew
}

function reach(seen: Uint8Array, covers: RegExp): { readonly reached: number; readonly branches: number } {
  const modules =
    (globalThis as { readonly lmzModules?: readonly (readonly [string, number, number])[] }).lmzModules ?? []
  let [reached, branches] = [0, 0]
  for (const [file, first, end] of modules) {
    if (!covers.test(file)) continue
    branches += end - first
    for (let at = first; at < end; at++) if (seen[at] !== 0) reached++
  }
  return { reached, branches }
}
