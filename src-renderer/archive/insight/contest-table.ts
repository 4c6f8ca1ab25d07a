import type { BlockContest, Contender } from '../../../src-main/contract/insight'

/** One block, with what each codec would make of it. */
export interface ContestRow {
  readonly block: number
  readonly kind: string
  readonly rawBytes: number
  /** By the names of the columns; undefined where a codec was not tried. */
  readonly contenders: readonly (Contender | undefined)[]
  readonly winner: string
  /** By how much the best whole code is shorter than the next best, of that one; 0 to 1. */
  readonly lead: number
}

export interface ContestTotal {
  readonly name: string
  /** Of the blocks that it was tried with. */
  readonly bitsPerByte: number
  readonly wins: number
  readonly blocks: number
}

/** A whole code: the data, told with the model, and the model's share. */
export function codeBytes({ dataBytes, modelBytes }: Contender): number {
  return dataBytes + modelBytes
}

/** Known ones from the simplest to the strongest; others behind them, as they come. */
const usualOrder = ['store', 'zstd -3', 'zstd -19', 'float', 'mix', 'neural']

export function contenderNames(contests: readonly BlockContest[]): readonly string[] {
  const names = new Set(contests.flatMap(({ contenders }) => contenders.map(({ name }) => name)))
  const known = usualOrder.filter((name) => names.has(name))
  return [...known, ...[...names].filter((name) => !usualOrder.includes(name))]
}

export function contestRows(contests: readonly BlockContest[]): readonly ContestRow[] {
  const names = contenderNames(contests)
  return contests.map(({ block, kind, rawBytes, contenders }) => {
    const [best, next] = contenders.toSorted((one, other) => codeBytes(one) - codeBytes(other))
    const lead = best === undefined || next === undefined ? 0 : 1 - codeBytes(best) / Math.max(1, codeBytes(next))
    return {
      block,
      kind,
      rawBytes,
      contenders: names.map((name) => contenders.find((contender) => contender.name === name)),
      winner: best?.name ?? '',
      lead,
    }
  })
}

/** For each codec, what its codes of all blocks sum up to, and how many of them are the shortest. */
export function contestTotals(contests: readonly BlockContest[]): readonly ContestTotal[] {
  const rows = contestRows(contests)
  return contenderNames(contests).map((name, column) => {
    const tried = rows.flatMap(({ rawBytes, contenders }) => {
      const contender = contenders[column]
      return contender === undefined ? [] : [{ rawBytes, code: codeBytes(contender) }]
    })
    const rawBytes = tried.reduce((sum, each) => sum + each.rawBytes, 0)
    const code = tried.reduce((sum, each) => sum + each.code, 0)
    return {
      name,
      bitsPerByte: rawBytes === 0 ? 0 : (code * 8) / rawBytes,
      wins: rows.filter(({ winner }) => winner === name).length,
      blocks: tried.length,
    }
  })
}
