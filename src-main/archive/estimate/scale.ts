import type { ContentKind } from '../../contract/content-kind'
import type { BlockTrial } from './try-block'

/** What was tried of one kind of data. */
export interface KindTrials {
  readonly kind: ContentKind
  /** Bytes of all the data that they stand for. */
  readonly standsFor: number
  readonly blocks: readonly BlockTrial[]
  /** Whether they are coded against others of their kind, which must be decoded first. */
  readonly isBased?: boolean | undefined
  /** What the stored bytes are multiplied by beyond that, since the trials differ from the rest in a known way; 1 for nothing. */
  readonly correction: number
}

/** What packing all the data would come to. */
export interface Scaled {
  readonly storedBytes: number
  readonly blocks: number
  /** Of one thread. */
  readonly packSeconds: number
  /** Of one block: the mean over all bytes. */
  readonly decodeSeconds: number
  readonly triedBytes: number
}

/**
 * Projects what was tried to all that it stands for, kind by kind: bytes and times grow with the raw bytes.
 * @param blockSizeOf raw bytes of a real block of a kind
 */
export function scale(kinds: readonly KindTrials[], blockSizeOf: (kind: ContentKind) => number): Scaled {
  let storedBytes = 0
  let blocks = 0
  let packSeconds = 0
  let decodeSeconds = 0
  let triedBytes = 0
  const total = sum(kinds.map(({ standsFor }) => standsFor))
  for (const { kind, standsFor, blocks: trials, correction, isBased = false } of kinds) {
    const blockSize = blockSizeOf(kind)
    const raw = sum(trials.map(({ rawLength }) => rawLength))
    if (raw === 0) continue
    const factor = standsFor / raw
    triedBytes += raw
    // More than the raw bytes is never stored.
    storedBytes += Math.min(sum(trials.map(({ storedLength }) => storedLength)) * correction, raw) * factor
    const baseSeconds = isBased ? decodingOf(kinds.filter((other) => other.kind === kind && other.isBased !== true)) : 0
    packSeconds += sum(trials.map((trial) => trial.packSeconds)) * factor + baseSeconds * standsFor
    blocks += Math.ceil(standsFor / blockSize)
    const secondsOfByte = decodingOf([{ blocks: trials }]) + baseSeconds
    decodeSeconds += secondsOfByte * Math.min(blockSize, standsFor) * (standsFor / total)
  }
  return { storedBytes, blocks, packSeconds, decodeSeconds, triedBytes }
}

/** Seconds of one thread to decode a byte of what was tried; 0 if none was decoded. */
function decodingOf(kinds: readonly Pick<KindTrials, 'blocks'>[]): number {
  const decoded = kinds.flatMap(({ blocks }) => blocks.filter(({ decodeSeconds }) => decodeSeconds !== undefined))
  const bytes = sum(decoded.map(({ rawLength }) => rawLength))
  return bytes === 0 ? 0 : sum(decoded.map(({ decodeSeconds = 0 }) => decodeSeconds)) / bytes
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
