import * as v from 'valibot'
import { type EngineApi, rowColumns } from '../contract/engine-api'
import { LmzError } from '../contract/error'
import { surpriseModels } from '../contract/insight'
import { maximumBlockSize, minimumBlockSize } from '../contract/preset'
import { overwriteChoices } from '../contract/question'
import { mostThreads } from '../contract/shell-api'

/** Entries a shell may ask for in one call, so that no answer grows without bounds. */
export const mostEntriesOfPage = 10_000
/** Bytes a shell may ask for in one call. */
export const mostBytesOfRead = 16 * 1024 * 1024

/** Parts a shell may ask for in one call of shares. */
export const mostShares = 10_000
/** Blocks a shell may have chosen as a sample. */
export const mostBlocksOfSample = 1000
/** Raw bytes that a shell may have coded anew in one call. */
export const mostBytesOfTrial = 256 * 1024 * 1024
/** Characters of a text to find: more than the longest name has. */
const longestText = 4096

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const id = v.pipe(count, v.minValue(1))
const blockSize = v.pipe(count, v.minValue(minimumBlockSize), v.maxValue(maximumBlockSize))
const page = v.strictObject({ offset: count, limit: v.pipe(count, v.maxValue(mostEntriesOfPage)) })
const order = v.strictObject({ column: v.picklist(rowColumns), descending: v.boolean() })
const answer = v.strictObject({ choice: v.picklist(overwriteChoices), forAll: v.boolean() })

const path = v.pipe(v.string(), v.nonEmpty())
/** More characters than anybody types. */
const longestPassword = 64 * 1024
const password = v.pipe(v.string(), v.maxLength(longestPassword))
const secrets = v.strictObject({ password: v.optional(password), newPassword: v.optional(password) })

const surpriseModel = v.picklist(surpriseModels)
const surpriseOf = [id, id, count, v.pipe(count, v.maxValue(mostBytesOfRead))] as const
const forecastOf = [id, id, count, v.pipe(count, v.minValue(1), v.maxValue(256))] as const

const schemas = {
  // The job has a schema of its own, which the engine checks for every shell.
  submit: v.union([v.strictTuple([v.unknown()]), v.strictTuple([v.unknown(), v.nullish(secrets)])]),
  cancel: v.strictTuple([id]),
  pause: v.strictTuple([id]),
  resume: v.strictTuple([id]),
  answer: v.strictTuple([id, answer]),
  jobs: v.strictTuple([]),
  tidyUp: v.strictTuple([path]),
  useThreads: v.strictTuple([v.pipe(count, v.maxValue(mostThreads))]),
  openArchive: v.union([v.strictTuple([path]), v.strictTuple([path, v.nullish(password)])]),
  closeArchive: v.strictTuple([id]),
  children: v.strictTuple([id, count, page]),
  search: v.strictTuple([id, v.string(), page]),
  list: v.strictTuple([id, count, order, page]),
  find: v.strictTuple([id, count, v.pipe(v.string(), v.maxLength(longestText)), v.nullish(order), page]),
  folders: v.strictTuple([id, count]),
  shares: v.strictTuple([id, count, v.pipe(count, v.minValue(1), v.maxValue(mostShares))]),
  pathOf: v.strictTuple([id, id]),
  tensors: v.strictTuple([id, id, page]),
  tensorStatistics: v.strictTuple([id, id, count]),
  effectiveRank: v.strictTuple([id, id, count]),
  stopTensors: v.strictTuple([id]),
  read: v.strictTuple([id, id, count, v.pipe(count, v.maxValue(mostBytesOfRead))]),
  account: v.strictTuple([id]),
  fileAccount: v.strictTuple([id, id]),
  blocks: v.strictTuple([id, page]),
  blockSample: v.strictTuple([id, v.pipe(count, v.minValue(1), v.maxValue(mostBlocksOfSample))]),
  contest: v.strictTuple([id, id]),
  tryBlockSize: v.strictTuple([id, blockSize, v.pipe(count, v.minValue(1), v.maxValue(mostBytesOfTrial))]),
  surprise: v.union([v.strictTuple(surpriseOf), v.strictTuple([...surpriseOf, v.nullish(surpriseModel)])]),
  forecast: v.union([v.strictTuple(forecastOf), v.strictTuple([...forecastOf, v.nullish(surpriseModel)])]),
  stopInsight: v.strictTuple([id]),
} satisfies Record<keyof EngineApi, v.GenericSchema>

export type CallName = keyof typeof schemas
export const callNames = Object.keys(schemas) as readonly CallName[]

/** The arguments of a call from another process, once they are found to be of the right kind. @throws LmzError `Usage` */
export function checkedArguments(name: CallName, given: readonly unknown[]): unknown[] {
  const parsed = v.safeParse(schemas[name], given)
  // What was received is not repeated: it may be a password in the wrong place.
  if (!parsed.success) throw new LmzError('Usage', `Not a call of ${name}: ${issuesOf(name, parsed.issues)}`)
  return parsed.output
}

const secretCalls: readonly CallName[] = ['submit', 'openArchive']

function issuesOf(name: CallName, issues: Parameters<typeof v.summarize>[0]): string {
  return secretCalls.includes(name) ? 'its arguments are of the wrong kind.' : v.summarize(issues)
}
