import { LmzError } from '../contract/error'
import type { StretchCost } from './argon2id'
import { soundArgon2id } from './self-test'

export type { StretchCost }

/** RFC 9106, section 4, second recommended option, but with one lane: WebAssembly runs lanes one after the other. */
export const defaultCost: StretchCost = { memoryKib: 64 * 1024, passes: 3, lanes: 1 }

export const saltLength = 16

/** What is done without asking: about ten seconds, and a gibibyte. */
const usualCost = { memoryKib: 1024 * 1024, work: 4 * 1024 * 1024 }
/** What is never done: WebAssembly has four gibibytes in all. */
const ceiling = { memoryKib: 3 * 1024 * 1024, work: 1024 * 1024 * 1024, passes: 4096, lanes: 64 }

/**
 * Looks at a cost before a byte of it is spent: it comes from a file that anybody may have written.
 * @param allowCostly whether the user has been asked
 * @throws LmzError `Format` for numbers that RFC 9106 does not allow, `Limit` for a cost over what is reasonable
 */
export function checkCost({ memoryKib, passes, lanes }: StretchCost, allowCostly = false): void {
  if (passes < 1 || lanes < 1 || memoryKib < 8 * lanes) {
    throw new LmzError('Format', 'The archive names a cost for its password that makes no sense.')
  }
  const work = memoryKib * passes
  const isOverCeiling =
    memoryKib > ceiling.memoryKib || work > ceiling.work || passes > ceiling.passes || lanes > ceiling.lanes
  const isOverUsual = memoryKib > usualCost.memoryKib || work > usualCost.work
  if (!isOverCeiling && (allowCostly || !isOverUsual)) return
  const claim = `${Math.ceil(memoryKib / 1024)} MiB of memory, ${passes} times over`
  throw isTooCostly(claim, isOverCeiling)
}

/**
 * The same for all that one password is tried on: each may be reasonable, and the sum not.
 * @throws LmzError as {@link checkCost}
 */
export function checkCosts(costs: readonly StretchCost[], allowCostly = false): void {
  for (const cost of costs) checkCost(cost, allowCostly)
  const work = costs.reduce((sum, { memoryKib, passes }) => sum + memoryKib * passes, 0)
  const isOverCeiling = work > ceiling.work
  if (!isOverCeiling && (allowCostly || work <= usualCost.work)) return
  throw isTooCostly(
    `${Math.ceil(work / 1024)} MiB of memory to be filled, for its ${costs.length} passwords`,
    isOverCeiling,
  )
}

/** Whether keys may be made of all these at the same time: what is done without asking takes a gibibyte at most. */
export function fitTogether(costs: readonly StretchCost[]): boolean {
  return costs.reduce((sum, { memoryKib }) => sum + memoryKib, 0) <= usualCost.memoryKib
}

function isTooCostly(claim: string, isOverCeiling: boolean): LmzError {
  const advice = isOverCeiling ? 'That is more than lmz ever does.' : 'If you trust it: --allow-costly-password.'
  return new LmzError('Limit', `To try one password, this archive asks for ${claim}. Nothing was tried. ${advice}`)
}

/**
 * The key that a password gives. Takes about 0.2 s and 64 MiB at the default cost.
 * @param password as typed; Unicode in NFC, so that the same password typed on another system is the same
 * @throws LmzError as {@link checkCost}; `Unsupported` where this program cannot encrypt
 */
export async function stretchPassword(
  password: string,
  salt: Uint8Array,
  cost: StretchCost,
  allowCostly = false,
): Promise<Uint8Array> {
  checkCost(cost, allowCostly)
  const argon2id = await soundArgon2id()
  const bytes = Buffer.from(password.normalize('NFC'), 'utf8')
  try {
    return await argon2id({ password: bytes, salt, cost })
  } finally {
    bytes.fill(0)
  }
}
