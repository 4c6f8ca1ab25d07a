import type { Primer } from '../../codecs/codec'
import type { IndexWriter } from '../../index/index-writer'
import type { ArchiveWriter } from '../archive-writer'
import type { StoredFrame } from '../stored-block'
import { primerKey } from './reader'

/** A primer that blocks being packed start from. Its bytes are in shared memory, since every worker reads them. */
export interface PackPrimer extends Primer {
  /** How it is stored, should a block need it. */
  readonly frame: StoredFrame
}

/** Raw bytes of a primer and the frame they came from or go to. */
export function packPrimer(raw: Uint8Array, frame: StoredFrame): PackPrimer {
  const bytes = new Uint8Array(new SharedArrayBuffer(raw.length))
  bytes.set(raw)
  return { key: primerKey(frame.contentHash), bytes, frame }
}

/**
 * The primers of an archive being written. Each is stored once, and only when the first block comes that cannot be decoded
 * without it: its frame then stands before all of its blocks.
 */
export class PrimerShelf {
  readonly #writer: ArchiveWriter
  readonly #index: IndexWriter
  readonly #ids = new Map<string, number>()

  constructor(writer: ArchiveWriter, index: IndexWriter) {
    this.#writer = writer
    this.#index = index
  }

  /** Takes note of a primer that an earlier commit stored. */
  know(key: string, id: number): void {
    this.#ids.set(key, id)
  }

  /** The id of a primer, which is stored now unless it is already. @throws LmzError `NoSpace`, `Io` */
  async idOf({ key, frame }: Pick<PackPrimer, 'key' | 'frame'>): Promise<number> {
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#index.lastPrimerId() + 1
    const position = await this.#writer.writePrimer(id, frame)
    const { codec, kind, rawLength, stored } = frame
    this.#index.addPrimer({ id, position, storedLength: stored.length, rawLength, codec, kind })
    this.#ids.set(key, id)
    return id
  }
}
