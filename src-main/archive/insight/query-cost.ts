import { mix } from '../../codecs/mix/mix'
import type { QueryCost } from '../../contract/insight'
import { frameHeaderLength, hintLength } from '../../format/frame'
import { sealedLength } from '../../format/seal'
import type { Block, PrimerRow } from '../../index/rows'
import { typicalDecodingMs } from '../work-costs'
import { codecByNumber } from '../../codecs/registry'

/** What a block or primer adds to what must be read and decoded. */
export interface FrameCost {
  readonly bytesRead: number
  readonly bytesDecoded: number
  readonly seconds: number
}

/** @param isSealed whether the archive is encrypted: a sealed frame is read as a whole */
export function blockCost({ codec, rawLength, storedLength, chunkCount }: Block, isSealed: boolean): FrameCost {
  return {
    bytesRead: bytesRead(storedLength, chunkCount * hintLength, isSealed),
    bytesDecoded: rawLength,
    seconds: (rawLength * typicalDecodingMs(codec)) / 1000,
  }
}

/** A primer is decoded, and then read by the model. */
export function primerCost({ codec, rawLength, storedLength }: PrimerRow, isSealed: boolean): FrameCost {
  const milliseconds = typicalDecodingMs(codec) + typicalDecodingMs(mix.number)
  return {
    bytesRead: bytesRead(storedLength, 0, isSealed),
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
