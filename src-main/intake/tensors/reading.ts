/** A stretch of a file that a parser asks for. */
export interface ByteRange {
  readonly offset: number
  readonly length: number
}

/**
 * A parser that asks for bytes and is handed them. So the same code reads a file on the disk at once ({@link readNow}), and one in an
 * archive whose blocks take their time to be decoded ({@link readLater}).
 */
export type Reading<Result> = Generator<ByteRange, Result, Uint8Array>

/** The bytes are not what a parser reads, or break a rule of the format, or are more than it is willing to look at. */
export class NotTensors extends Error {
  override readonly name = 'NotTensors'
}

/** Bytes that are asked for at once, at most. A header that claims more is not looked at. */
export const mostBytesAtOnce = 8 * 1024 * 1024

/** Runs a parser on bytes that are at hand. @returns undefined for what is not tensors */
export function readNow<Result>(
  reading: Reading<Result>,
  read: (offset: number, length: number) => Uint8Array,
): Result | undefined {
  try {
    let step = reading.next()
    while (step.done !== true) step = reading.next(read(step.value.offset, step.value.length))
    return step.value
  } catch (thrown) {
    if (thrown instanceof NotTensors) return undefined
    throw thrown
  }
}

/** The same with bytes that take their time. */
export async function readLater<Result>(
  reading: Reading<Result>,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<Result | undefined> {
  try {
    let step = reading.next()
    while (step.done !== true) step = reading.next(await read(step.value.offset, step.value.length))
    return step.value
  } catch (thrown) {
    if (thrown instanceof NotTensors) return undefined
    throw thrown
  }
}

/** Exactly these bytes of a file. @throws NotTensors if the file does not have them, or they are too many */
export function* bytesAt(size: number, offset: number, length: number): Reading<Uint8Array> {
  const isInside = Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= size
  if (!isInside || length > mostBytesAtOnce) throw new NotTensors(`no ${length} bytes at ${offset}`)
  if (length === 0) return new Uint8Array()
  const bytes = yield { offset, length }
  if (bytes.length !== length) throw new NotTensors('the file ends early')
  return bytes
}

/** Bytes that a cursor fetches in all, at most: the headers of files with hundreds of thousands of tensors have less. */
const mostFetched = 64 * 1024 * 1024

/**
 * Reads a file from the front, skipping what is of no use, through a small window. Numbers are little-endian. Call {@link need} before
 * the methods that take bytes.
 */
export class Cursor {
  position: number
  readonly #size: number
  readonly #windowLength: number
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0
  #fetched = 0

  constructor(size: number, { position = 0, windowLength = 64 * 1024 } = {}) {
    this.#size = size
    this.position = position
    this.#windowLength = windowLength
  }

  /** Makes the next bytes available. @throws NotTensors if the file does not have so many */
  *need(length: number): Reading<void> {
    const start = this.position - this.#windowStart
    if (start >= 0 && start + length <= this.#window.length) return
    const wanted = Math.max(length, Math.min(this.#windowLength, this.#size - this.position))
    this.#fetched += wanted
    if (this.#fetched > mostFetched) throw new NotTensors('the header is too long')
    const bytes = yield* bytesAt(this.#size, this.position, wanted)
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#windowStart = this.position
  }

  /** Passes over bytes without reading them. @throws NotTensors if the file does not have so many */
  skip(length: number): void {
    if (!(length >= 0 && length <= this.#size - this.position)) throw new NotTensors('it leads out of the file')
    this.position += length
  }

  u8(): number {
    return this.#window.readUInt8(this.#take(1))
  }

  u16(): number {
    return this.#window.readUInt16LE(this.#take(2))
  }

  u32(): number {
    return this.#window.readUInt32LE(this.#take(4))
  }

  /** @throws NotTensors for a number over 2^53 - 1 */
  u64(): number {
    return safeNumber(this.#window.readBigUInt64LE(this.#take(8)))
  }

  text(length: number): string {
    return utf8(this.bytes(length))
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#window.subarray(at, at + length)
  }

  #take(length: number): number {
    const at = this.position - this.#windowStart
    this.position += length
    return at
  }
}

/** @throws NotTensors for a number over 2^53 - 1 */
export function safeNumber(number: bigint): number {
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw new NotTensors(`${number} is no length`)
  return Number(number)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws NotTensors for what is not UTF-8 */
export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new NotTensors('a name is not UTF-8')
  }
}
