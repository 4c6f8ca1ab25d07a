/**
 * Makes the priors of the mix codec: codes the training corpus with a table eight times as large as the one in use, then keeps
 * the slots whose predictions saved the most. The same corpus gives the same bytes.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { blake3 } from '../../src-main/kernels/blake3'
import { type MixKernel, startMixKernel, tableBits } from '../../src-main/kernels/mix-kernel'
import { lineLength, slotsPerLine } from '../../src-main/models/history-tree'
import type { PriorPart } from '../../src-main/models/prior'
import { kernelFacts } from '../../src-main/models/kernel-facts'
import { encodePriorFile } from '../../src-main/models/prior-file'
import { fold } from './fold'

interface PriorPlan {
  readonly part: PriorPart
  readonly contextSet: number
  readonly categories: readonly string[]
  /** How many to ship, about; each is some four bytes. */
  readonly slots: number
}

const plans: readonly PriorPlan[] = [
  { part: 'prose', contextSet: 0, categories: ['en_books'], slots: 1_400_000 },
  { part: 'docs', contextSet: 0, categories: ['en_docs', 'latex', 'other_languages'], slots: 1_050_000 },
  { part: 'code', contextSet: 1, categories: ['code'], slots: 1_400_000 },
  {
    part: 'structured',
    contextSet: 1,
    categories: ['csv', 'json', 'logs', 'xml_html', 'yaml_config'],
    slots: 1_400_000,
  },
]

export const parts: readonly PriorPart[] = plans.map(({ part }) => part)

/** Of four; the rest is room for what a block brings. */
const keptPerLine = 3

/** Bits of the training table's lines: 512 MiB, and 128 MiB to count gains. */
const trainingBits = 23
const blockLength = 1024 * 1024
/** One block in so many is kept from the table and left to calibration. */
const heldOut = 10
const calibrationLength = 256 * 1024

/** A MiB of a category; blocks of all categories take turns, so that no sort of data comes last. */
interface TrainingBlock {
  readonly bytes: Uint8Array
  /** Where in its category it stands, 0 to 1. */
  readonly turn: number
}

function blocksOf(corpus: string, categories: readonly string[], limit: number): TrainingBlock[] {
  const blocks = categories.flatMap((category) => {
    const bytes = zstdDecompressSync(readFileSync(join(corpus, 'train', `${category}.txt.zst`)))
    const count = Math.ceil((bytes.length * limit) / blockLength)
    return Array.from({ length: count }, (_none, number) => ({
      bytes: bytes.subarray(number * blockLength, (number + 1) * blockLength),
      turn: (number + 0.5) / count,
    }))
  })
  return blocks.sort((one, other) => one.turn - other.turn)
}

function learn(kernel: MixKernel, plan: PriorPlan, blocks: readonly TrainingBlock[]): void {
  kernel.clearState()
  let done = 0
  for (const { bytes } of blocks) {
    kernel.memory.set(bytes, kernel.bytes)
    kernel.startBlock(plan.contextSet, 0, 4)
    kernel.learn(0, bytes.length)
    done++
    if (done % 20 === 0) console.error(`${plan.part}: ${done} of ${blocks.length} MiB`)
  }
}

/**
 * Lets maps, weights and estimators learn from blocks as they will be coded: each starts from the table that is shipped, which has seen none
 * of them.
 * @returns the smaller state
 */
function calibrate(
  small: Uint8Array,
  table: Uint8Array,
  { contextSet }: PriorPlan,
  blocks: readonly TrainingBlock[],
): Uint8Array {
  const kernel = startMixKernel()
  kernel.memory.set(small, kernel.state)
  for (const { bytes } of blocks) {
    for (let at = 0; at < bytes.length; at += calibrationLength) {
      const piece = bytes.subarray(at, at + calibrationLength)
      kernel.memory.set(table, kernel.table)
      kernel.memory.set(piece, kernel.bytes)
      kernel.startBlock(contextSet, 0, 4)
      kernel.learn(0, piece.length)
    }
  }
  return kernel.memory.slice(kernel.state, kernel.stateEnd)
}

/** What model.json says of a file. */
export interface PartFigures {
  readonly bytes: number
  readonly blake3: string
  readonly slots: number
  readonly trainingBytes: number
  readonly categories: readonly string[]
}

/**
 * Trains one part; some minutes, and 700 MB of memory.
 * @param corpus folder with train/*.txt.zst
 * @param target folder for the file
 * @param share of each category to train on, from its start; 1 for the model that is shipped
 */
export function trainPart(part: PriorPart, corpus: string, target: string, share: number): PartFigures {
  const plan = plans.find((candidate) => candidate.part === part)
  if (plan === undefined) throw new RangeError(`There is no part ${part}.`)
  const kernel = startMixKernel(trainingBits, true)
  const blocks = blocksOf(corpus, plan.categories, share)
  const isHeldOut = (_block: TrainingBlock, number: number): boolean => number % heldOut === heldOut - 1
  learn(
    kernel,
    plan,
    blocks.filter((block, number) => !isHeldOut(block, number)),
  )
  const table = kernel.memory.subarray(kernel.table, kernel.tableEnd)
  const gains = new Int32Array(kernel.memory.buffer, kernel.tableEnd, 2 ** trainingBits * slotsPerLine)
  const folded = fold({ table, gains }, 2 ** tableBits * lineLength, {
    slotsPerLine: keptPerLine,
    slots: plan.slots,
  })
  const small = calibrate(
    kernel.memory.slice(kernel.state, kernel.stateEnd),
    folded.table,
    plan,
    blocks.filter(isHeldOut),
  )
  const file = encodePriorFile({ table: folded.table, small }, kernelFacts(startMixKernel(6)))
  writeFileSync(join(target, `${part}.prior`), file)
  console.error(`${part}: ${file.length} bytes, ${folded.slots} slots`)
  return {
    bytes: file.length,
    blake3: Buffer.from(blake3(file)).toString('hex'),
    slots: folded.slots,
    trainingBytes: blocks.reduce((total, { bytes }) => total + bytes.length, 0),
    categories: plan.categories,
  }
}

/** Identifies the corpus: SHA-256 of its list of SHA-256 sums. */
export function corpusManifest(corpus: string): string {
  return createHash('sha256')
    .update(readFileSync(join(corpus, 'train', 'SHA256SUMS')))
    .digest('hex')
}
