import type { ContentKind } from '../../contract/content-kind'
import type { PriorPart } from '../../models/prior'

/** What a block may start from: a set of contexts, and the prior that was trained with it. */
export interface Start {
  /** Stored with the block; never reused for another pair. */
  readonly number: number
  readonly contextSet: number
  /** Undefined where there is none: machine code and raw data. */
  readonly part: PriorPart | undefined
}

/** A start, and for raw data how long its records are. */
export interface Choice {
  readonly start: Start
  /** In bytes; makes no difference but to raw data. */
  readonly recordLength: number
}

/** Of what has no records, or none that can be told. */
export const defaultRecordLength = 4

const prose: Start = { number: 0, contextSet: 0, part: 'prose' }
const docs: Start = { number: 1, contextSet: 0, part: 'docs' }
const code: Start = { number: 2, contextSet: 1, part: 'code' }
const structured: Start = { number: 3, contextSet: 1, part: 'structured' }
const binary: Start = { number: 4, contextSet: 2, part: undefined }

const starts: readonly Start[] = [prose, docs, code, structured, binary]

/** Whether contexts of records are part of the set. */
export function isRaw(start: Start): boolean {
  return start === binary
}

export function startByNumber(number: number): Start | undefined {
  return starts[number]
}

/** What is worth trying for a kind, most likely first. */
export function startsFor(kind: ContentKind): readonly [Start, ...Start[]] {
  switch (kind) {
    case 'text':
      return [docs, prose, structured]
    case 'code':
      return [code, docs]
    case 'structured':
      return [structured, docs, code]
    default:
      return [binary]
  }
}
