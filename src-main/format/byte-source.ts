/** Random-access bytes a container is read from. Synchronous: frames are read by worker threads and small look-ups. */
export interface ByteSource {
  /** Length in bytes when the source was opened; later growth is not seen (a reader's snapshot). */
  readonly size: number
  /**
   * Reads exactly `length` bytes.
   * @throws LmzError `Corrupt` if the source ends before, `Io` if the system fails
   */
  read(position: number, length: number): Uint8Array
}

/** A source over bytes in memory. */
export class MemorySource implements ByteSource {
  readonly size: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.size = bytes.length
  }

  read(position: number, length: number): Uint8Array {
    if (position < 0 || position + length > this.size) throw new RangeError('read outside of the bytes')
    return this.#bytes.subarray(position, position + length)
  }
}
