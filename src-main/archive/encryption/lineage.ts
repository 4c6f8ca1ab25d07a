import { frameTypes } from '../../format/frame'
import type { IndexWriter } from '../../index/index-writer'

/*
 * Each commit of an encrypted archive marks its sealed frames with a random number, its lineage, and the index says from which block
 * and primer on that number counts. Block numbers alone would not do: two copies of an archive that are changed apart give the same
 * numbers to different blocks, and so does a change that was broken off and the next one. With the lineage, a block of one
 * cannot take the place of the other's.
 */

/** "lineages 1", "lineages 2"...: each a list of "57 3 0123456789abcdef", where 57 is the first block and 3 the first primer. */
const keyPattern = /^lineages (\d+)$/
const entryPattern = /^(\d+) (\d+) ([0-9a-f]{16})$/
/** Characters of a list to which one more entry is added: a setting's value has 65,536 at most. */
const fullFrom = 65_000

interface Lineage {
  readonly firstBlock: number
  readonly firstPrimer: number
  readonly mark: bigint
}

/** Which lineage the blocks and primers of an index have. */
export class Lineages {
  readonly #entries: readonly Lineage[]

  /** @param settings of the index; what makes no sense in them fits no frame */
  constructor(settings: ReadonlyMap<string, string>) {
    const entries = listsOf(settings).flatMap(({ entries }) => entries)
    this.#entries = entries.flatMap((text) => {
      const [, firstBlock, firstPrimer, mark] = entryPattern.exec(text) ?? []
      if (mark === undefined) return []
      return [{ firstBlock: Number(firstBlock), firstPrimer: Number(firstPrimer), mark: BigInt(`0x${mark}`) }]
    })
  }

  /** @param type block or primer */
  of(type: number, id: number): bigint | undefined {
    const isPrimer = type === frameTypes.primer
    return this.#entries.findLast((entry) => (isPrimer ? entry.firstPrimer : entry.firstBlock) <= id)?.mark
  }
}

/**
 * Enters that blocks and primers which are added from now on have this lineage. A commit that added none gives its entry up to the
 * next one.
 * @param settings those of the index so far
 */
export function enterLineage(index: IndexWriter, settings: ReadonlyMap<string, string>, mark: bigint): void {
  const start = `${index.lastBlockId() + 1} ${index.lastPrimerId() + 1} `
  const { number, entries } = listsOf(settings).at(-1) ?? { number: 1, entries: [] }
  const kept = entries.filter((entry) => !entry.startsWith(start))
  const isFull = kept.join().length > fullFrom
  const list = [...(isFull ? [] : kept), start + mark.toString(16).padStart(16, '0')]
  index.setSetting(`lineages ${isFull ? number + 1 : number}`, list.join())
}

interface LineageList {
  readonly number: number
  readonly entries: readonly string[]
}

function listsOf(settings: ReadonlyMap<string, string>): readonly LineageList[] {
  const lists = [...settings].flatMap(([key, value]) => {
    const [, number] = keyPattern.exec(key) ?? []
    return number === undefined ? [] : [{ number: Number(number), entries: value.split(',') }]
  })
  return lists.sort((left, right) => left.number - right.number)
}

/** Whether a setting tells of an archive's own frames, so that it means nothing in a copy of its files. */
export function isOfFrames(key: string): boolean {
  return keyPattern.test(key)
}
