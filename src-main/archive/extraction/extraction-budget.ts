import { basename } from 'node:path'
import type { ExtractionLimits } from '../../contract/job'
import { LmzError } from '../../contract/error'
import { formatBytes } from '../../contract/format-bytes'
import type { Block, PrimerRow } from '../../index/rows'
import { typicalDecodingMs } from '../work-costs'

/*
 * What an archive may ask of a computer before somebody has to say that it is meant so. Equal data is stored once, so petabytes in a
 * kilobyte are an ordinary-looking row, and a model may be made to work for a day at a byte. Honest archives stay far below these limits, which
 * grow with the archive.
 */

/** An archive of any length may hold so much. */
const leastBytes = 16 * 2 ** 30
/** Text shrinks to a fifth, logs to a fiftieth; a hundred equal copies are a hundred times that. */
const mostExpansion = 1000
const leastEntries = 1_000_000
/** Bytes of the archive; what is in an ordinary folder takes three times as much. */
const leastBytesOfEntry = 4
const leastHours = 24
/** Milliseconds of one thread for a byte of the archive: what a language model takes for a hundred bytes. */
const mostMsOfByte = 1.6

const msOfHour = 3_600_000

/** What is looked at of an archive. */
export interface ArchiveExtent {
  readonly path: string
  readonly source: { readonly size: number }
  readonly index: { blocks(): Iterable<Block>; primer(id: number): PrimerRow }
}

/** The limits of one extraction, and what of the time has been spent. */
export class ExtractionBudget {
  readonly #archive: ArchiveExtent
  readonly #limits: ExtractionLimits
  #decodingMs = 0
  #lastPrimer: number | undefined

  constructor(archive: ArchiveExtent, limits: ExtractionLimits = {}) {
    this.#archive = archive
    this.#limits = limits
  }

  /**
   * @param bytes sum of the sizes of all files that are to be written
   * @param entries how many of all sorts
   * @throws LmzError `Limit`; nothing has been written then
   */
  checkClaim(bytes: number, entries: number): void {
    const { size } = this.#archive.source
    const mostBytes = this.#limits.bytes ?? Math.max(leastBytes, size * mostExpansion)
    if (bytes > mostBytes) {
      const claim = `${formatBytes(bytes)}, ${timesOf(bytes, size)} its own size`
      throw this.#refusal(claim, `--limit-size ${Math.ceil(bytes / 1e9)}GB`, this.#limits.bytes, formatBytes)
    }
    const mostEntries = this.#limits.entries ?? Math.max(leastEntries, size / leastBytesOfEntry)
    if (entries > mostEntries) {
      throw this.#refusal(`${entries} entries`, `--limit-entries ${entries}`, this.#limits.entries, String)
    }
  }

  /** Checks the time that all blocks take. @throws LmzError `Limit`, before anything has been written */
  checkAllBlocks(): void {
    for (const block of this.#archive.index.blocks()) this.spend(block)
    this.#decodingMs = 0
    this.#lastPrimer = undefined
  }

  /** To be called before a block is decoded, also one that another is decoded with. @throws LmzError `Limit`; the extraction is to be given up */
  spend(block: Block): void {
    this.#decodingMs += typicalDecodingMs(block.codec) * block.rawLength + this.#primerMs(block)
    const { hours } = this.#limits
    const mostMs = hours === undefined ? this.#usualMs : hours * msOfHour
    if (this.#decodingMs <= mostMs) return
    const most = (limit: number): string => `${limit} hours`
    const claim = `what takes more than ${Math.floor(mostMs / msOfHour)} hours of one processor core`
    throw this.#refusal(claim, `--limit-hours ${Math.ceil((2 * mostMs) / msOfHour)}`, hours, most)
  }

  get #usualMs(): number {
    return Math.max(leastHours * msOfHour, this.#archive.source.size * mostMsOfByte)
  }

  /** A primer is decoded, and then learnt by the block's codec, unless the block before had the same. */
  #primerMs({ primer, codec }: Block): number {
    if (primer === undefined || primer === this.#lastPrimer) return 0
    this.#lastPrimer = primer
    const row = this.#primerRow(primer)
    return row === undefined ? 0 : row.rawLength * (typicalDecodingMs(row.codec) + typicalDecodingMs(codec))
  }

  /** @returns undefined for one that the index lacks: its blocks cannot be decoded, which costs nothing */
  #primerRow(id: number): PrimerRow | undefined {
    try {
      return this.#archive.index.primer(id)
    } catch (thrown) {
      if (thrown instanceof LmzError && thrown.code === 'Format') return undefined
      throw thrown
    }
  }

  #refusal(claim: string, override: string, chosen: number | undefined, shown: (limit: number) => string): LmzError {
    const name = basename(this.#archive.path)
    const reason =
      chosen === undefined
        ? `Archives like this are made to fill disks or to keep computers busy. If you trust it: lmz extract ${override}`
        : `The limit is ${shown(chosen)}`
    return new LmzError('Limit', `${name} claims to hold ${claim}. Nothing was written. ${reason}.`, {
      subject: this.#archive.path,
    })
  }
}

function timesOf(bytes: number, size: number): string {
  return `${Math.floor(bytes / Math.max(1, size)).toLocaleString('en-US')} times`
}
