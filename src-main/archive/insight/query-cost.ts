import { mix } from '../../codecs/mix/mix'
import { codecByNumber, quickWayOf } from '../../codecs/registry'
import { LmzError } from '../../contract/error'
import type { QueryCost } from '../../contract/insight'
import { frameHeaderLength, hintLength } from '../../format/frame'
import { sealedLength } from '../../format/seal'
import type { Block, PrimerRow } from '../../index/rows'
import type { Archive } from '../archive'
import { readPayloadHead } from '../block-reader'
import { typicalDecodingMs } from '../work-costs'

/** What a block or primer adds to what must be read and decoded. */
export interface FrameCost {
  readonly bytesRead: number
  readonly bytesDecoded: number
  readonly seconds: number
}

/** What a block costs without those that it is decoded with. Of its payload, the first bytes are read if they tell how long decoding takes. */
export function blockCost(archive: Archive, block: Block): FrameCost {
  const { codec, rawLength, storedLength, chunkCount } = block
  return {
    bytesRead: bytesRead(storedLength, chunkCount * hintLength, isSealed(archive)),
    bytesDecoded: rawLength,
    seconds: (rawLength * typicalDecodingMs(codec, isQuick(archive, block))) / 1000,
  }
}

/** A primer is decoded, and then read by the model. */
export function primerCost(archive: Archive, { codec, rawLength, storedLength }: PrimerRow): FrameCost {
  const milliseconds = typicalDecodingMs(codec) + typicalDecodingMs(mix.number)
  return {
    bytesRead: bytesRead(storedLength, 0, isSealed(archive)),
    bytesDecoded: rawLength,
    seconds: (rawLength * milliseconds) / 1000,
  }
}

/** Whether a primer is read before a block of this codec; others ignore what their frame names. */
export function readsPrimer(codec: number): boolean {
  try {
    return codecByNumber(codec).usesPrimer === true
  } catch {
    // One of a newer lmz: nobody knows, and its frame names it for a reason.
    return true
  }
}

/** A damaged block is taken for a slow one. */
function isQuick(archive: Archive, block: Block): boolean {
  const isQuickHead = quickWayOf(block.codec)
  if (isQuickHead === undefined) return false
  try {
    return isQuickHead(readPayloadHead(archive.source, archive.locate(block), archive.archiveTag))
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return false
    throw cause
  }
}

/** The frames of an encrypted archive are read as a whole. */
function isSealed({ encryption }: Archive): boolean {
  return encryption !== undefined
}

function bytesRead(storedLength: number, trailerLength: number, isSealed: boolean): number {
  if (!isSealed) return frameHeaderLength + storedLength
  return frameHeaderLength + sealedLength(frameHeaderLength + trailerLength + storedLength)
}

/** Adds up what a file needs; every block and primer is counted once. */
export function totalCost(blocks: readonly FrameCost[], primers: readonly FrameCost[]): QueryCost {
  const total = { bytesRead: 0, bytesDecoded: 0, seconds: 0 }
  for (const { bytesRead, bytesDecoded, seconds } of [...blocks, ...primers]) {
    total.bytesRead += bytesRead
    total.bytesDecoded += bytesDecoded
    total.seconds += seconds
  }
  return { ...total, blocks: blocks.length, primers: primers.length }
}
