import { LmzError } from '../contract/error'
import type { BlockContext, Codec } from './codec'
import type { Candidate } from './presets'
import { isIncompressible } from './incompressible'
import { store } from './store/store'
import { zstd } from './zstd/zstd'

export interface EncodedBlock {
  readonly codec: Codec
  readonly stored: Uint8Array
  /** Whether the decoder needs the primer of the block's context. */
  readonly isPrimed: boolean
  /** Set when a codec failed to reproduce the block and was passed over: a defect worth reporting, not data loss. */
  readonly rejected?: LmzError
}

/** Of its raw bytes: what is coded against another block and stored in less is not tried without it. */
const sureShare = 0.4

const standIn: Candidate = { codec: zstd, effort: 3 }

/**
 * Encodes a block with each candidate and keeps the smallest result; `store` is always one, so no block grows.
 * What wins is decoded again and compared with the raw bytes, whole or, with slow codecs, its head: see {@link Codec.reproduces}.
 * Where a codec fails at that, one without a model stands in for it.
 */
export async function encodeBlock(
  raw: Uint8Array,
  context: BlockContext,
  candidates: readonly Candidate[],
): Promise<EncodedBlock> {
  const tried = isIncompressible(raw) ? candidates.filter(({ codec }) => codec.seesThroughNoise === true) : candidates
  let best: EncodedBlock = { codec: store, stored: raw, isPrimed: false }
  let rejected: LmzError | undefined
  let bestEffort = 0
  /** Whether a block that is coded against another is taken to be best so. */
  let isSure = false
  const attempt = async ({ codec, effort, kinds }: Candidate): Promise<void> => {
    if (codec.kinds?.includes(context.kind) === false || kinds?.includes(context.kind) === false) return
    if (best.codec.covers?.includes(codec) === true || (isBased(best.codec, context) && isSure)) return
    const leader = { codec: best.codec, effort: bestEffort }
    if (best.codec.doubts?.includes(codec) === true && !(await doesBetter(codec, effort, leader, raw, context))) return
    const isPrimed = context.primer !== undefined && codec.usesPrimer === true
    const ownContext = {
      kind: context.kind,
      ...(isPrimed ? { primer: context.primer } : {}),
      ...(isBased(codec, context) ? { base: context.base } : {}),
    }
    const stored = await codec.encode(raw, ownContext, effort)
    // What is made for this kind has been beaten: what is made for all will hardly do better, and takes a model a second to find out.
    isSure ||= codec.kinds !== undefined && !isBased(codec, context)
    if (stored.length >= best.stored.length) return
    if (reproduces({ codec, effort }, stored, raw, ownContext)) {
      best = { codec, stored, isPrimed }
      bestEffort = effort
      isSure ||= isBased(codec, context) && stored.length < raw.length * sureShare
    } else rejected = new LmzError('Corrupt', `The codec ${codec.name} did not reproduce a block and was passed over.`)
  }
  for (const candidate of tried) await attempt(candidate)
  if (rejected !== undefined && best.codec === store) await attempt(standIn)
  return rejected === undefined ? best : { ...best, rejected }
}

function isBased(codec: Codec, { base }: BlockContext): boolean {
  return base !== undefined && codec.baseOf !== undefined
}

/** By how much better a sample must come out for all of the block to be tried: a sample is not sure, and trying takes a while. */
const worthTrying = 1.01
const pieces = 4
const pieceLength = 16 * 1024

/** Whether a codec makes less of pieces from all over a block than the one that is best so far; of a short block, it is found out by trying. */
async function doesBetter(
  codec: Codec,
  effort: number,
  leader: Candidate,
  raw: Uint8Array,
  { kind }: BlockContext,
): Promise<boolean> {
  if (raw.length < 4 * pieces * pieceLength) return true
  const sample = new Uint8Array(pieces * pieceLength)
  for (let piece = 0; piece < pieces; piece++) {
    // Where the numbers of a block begin, a piece should begin with a number too.
    const from = Math.floor(((piece + 0.5) / pieces) * (raw.length - pieceLength)) & ~63
    sample.set(raw.subarray(from, from + pieceLength), piece * pieceLength)
  }
  const rival = await codec.encode(sample, { kind }, effort)
  return rival.length * worthTrying < (await leader.codec.encode(sample, { kind }, leader.effort)).length
}

function reproduces({ codec, effort }: Candidate, stored: Uint8Array, raw: Uint8Array, context: BlockContext): boolean {
  try {
    if (codec.reproduces !== undefined) return codec.reproduces(stored, raw, context, effort)
    return Buffer.compare(codec.decode(stored, raw.length, context), raw) === 0
  } catch {
    return false
  }
}
