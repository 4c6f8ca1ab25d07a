import type { ArchiveWriter } from '../archive-writer'
import type { LoneLocation } from '../block-reader'
import type { ArchiveSource } from '../storage'
import type { BaseToRead } from '../workers/tasks'

/** Which tensor a block begins in, and where in it. */
export interface TensorPart {
  /** The same for tensors of the same name, type and shape, in whichever file. */
  readonly key: string
  /** Bytes from the tensor's start to the block's; negative for a block that begins before it. */
  readonly offset: number
}

/** A block that holds a part of a tensor and decodes alone. */
export interface KnownPart extends TensorPart {
  readonly length: number
  readonly location: LoneLocation
}

/** What earlier commits hold of tensors; see earlier-tensors.ts. */
export type FindEarlier = () => Promise<Iterable<KnownPart>>

/**
 * Of a block, what a base must have the counterpart of. What is coded against another block can be no base itself: that is a price worth paying
 * for most of a block alone.
 */
const leastShare = 0.7

/**
 * The tensors that are in an archive being written: what a block of the same part of a tensor of the same name may be coded against, be it
 * that of another file of this job or of an earlier commit. Only blocks that decode alone are bases.
 */
export class BaseShelf {
  readonly #writer: ArchiveWriter
  readonly #findEarlier: FindEarlier | undefined
  readonly #parts = new Map<string, KnownPart[]>()
  #isEarlierKnown = false
  #source: ArchiveSource | undefined

  /** @param findEarlier for an archive that is added to */
  constructor(writer: ArchiveWriter, findEarlier?: FindEarlier) {
    this.#writer = writer
    this.#findEarlier = findEarlier
  }

  /** Takes note of a block that is in the file and needs no other one. */
  note(part: KnownPart): void {
    const others = this.#parts.get(part.key)
    if (others === undefined) this.#parts.set(part.key, [part])
    else others.push(part)
  }

  /** The block that holds most of a part of a tensor, the newest of several; undefined if none holds enough of it. */
  async find({ key, offset }: TensorPart, length: number): Promise<BaseToRead | undefined> {
    await this.#learnEarlier()
    let best: { readonly part: KnownPart; readonly common: number } | undefined
    for (const part of this.#parts.get(key) ?? []) {
      const common = commonLength({ offset, length }, part)
      if (common >= length * leastShare && common >= (best?.common ?? 0)) best = { part, common }
    }
    if (best === undefined) return undefined
    const { part } = best
    this.#source ??= this.#writer.openWritten()
    return {
      opening: 0,
      descriptor: this.#source.descriptor,
      fileSize: this.#writer.position,
      archiveTag: this.#writer.archiveTag,
      sealKey: this.#writer.encryption?.seal.data,
      block: part.location,
      offset: offset - part.offset,
    }
  }

  /** To be called when no worker reads any more. */
  close(): void {
    this.#source?.close()
  }

  async #learnEarlier(): Promise<void> {
    if (this.#isEarlierKnown || this.#findEarlier === undefined) return
    this.#isEarlierKnown = true
    const later = [...this.#parts.values()].flat()
    this.#parts.clear()
    for (const part of await this.#findEarlier()) this.note(part)
    for (const part of later) this.note(part)
  }
}

interface Stretch {
  readonly offset: number
  readonly length: number
}

/** Bytes that two parts of one tensor have in common. */
export function commonLength(left: Stretch, right: Stretch): number {
  const from = Math.max(left.offset, right.offset)
  return Math.min(left.offset + left.length, right.offset + right.length) - from
}
