import { LmzError } from '../../contract/error'
import { transformByNumber } from '../transforms/registry'
import type { Transform } from '../transforms/transform'
import type { MixStart } from './mix-model'
import { type Choice, defaultRecordLength, isRaw, startByNumber } from './starts'

/** What a stored block says before its code: all that its decoder must know. */
export interface MixHeader {
  /** Number of a shipped prior, or {@link noPrior}. */
  readonly prior: number
  readonly choice: Choice
  readonly transform: Transform | undefined
  /** Bytes the code stands for: those of the block, or what the transform made of them. */
  readonly codedLength: number
}

/** Stored for a model that has seen nothing. */
const noPrior = 0
const fixedLength = 3
/** A transform may make a block somewhat longer. */
const mostGrowth = 1024 * 1024

/** The header, as docs/codecs.md lays it down. */
export function headerBytes({ prior, choice, transform, codedLength }: MixHeader): Uint8Array {
  const { start, recordLength } = choice
  const bytes = Buffer.alloc(fixedLength + (isRaw(start) ? 2 : 0) + (transform === undefined ? 0 : 4))
  bytes.set([prior, start.number, transform?.number ?? 0])
  if (isRaw(start)) bytes.writeUInt16LE(recordLength, fixedLength)
  if (transform !== undefined) bytes.writeUInt32LE(codedLength, bytes.length - 4)
  return bytes
}

/** @throws LmzError `Corrupt` for what no lmz has written, `Unsupported` for what a newer one may have */
export function parsePayload(stored: Uint8Array, rawLength: number): MixHeader & { readonly code: Uint8Array } {
  const view = Buffer.from(stored.buffer, stored.byteOffset, stored.length)
  const [prior, startNumber, transformNumber] = stored
  const start = startByNumber(startNumber ?? -1)
  if (prior === undefined || start === undefined || transformNumber === undefined) throw damaged()
  const transform = transformByNumber(transformNumber)
  const length = fixedLength + (isRaw(start) ? 2 : 0) + (transform === undefined ? 0 : 4)
  if (stored.length < length) throw damaged()
  const recordLength = isRaw(start) ? view.readUInt16LE(fixedLength) : defaultRecordLength
  const codedLength = transform === undefined ? rawLength : view.readUInt32LE(length - 4)
  if (recordLength === 0 || codedLength > rawLength + mostGrowth) throw damaged()
  return { prior, choice: { start, recordLength }, transform, codedLength, code: stored.subarray(length) }
}

/** What a model starts from for a block with this header. */
export function startOf({ prior, choice }: Pick<MixHeader, 'prior' | 'choice'>): Omit<MixStart, 'primer'> {
  const { start, recordLength } = choice
  const { contextSet, part } = start
  const isUntrained = part === undefined || prior === noPrior
  return { contextSet, recordLength, prior: isUntrained ? undefined : { number: prior, part } }
}

export function damaged(): LmzError {
  return new LmzError('Corrupt', 'A mix block cannot be decoded: its bytes are damaged.')
}
