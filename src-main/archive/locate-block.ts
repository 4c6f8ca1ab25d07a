import { LmzError } from '../contract/error'
import { frameTypes } from '../format/frame'
import { type FrameSource, readFrameHeader } from '../format/frame-reader'
import type { ArchiveIndex } from '../index/archive-index'
import type { Block } from '../index/rows'
import type { LoneLocation } from './block-reader'
import { type IndexedFrame, isHeaderOf } from './indexed-frame'
import type { Lineages } from './encryption/lineage'

/** What tells where the frames of an archive really lie. */
export interface FramePlaces {
  readonly source: FrameSource
  readonly index: ArchiveIndex
  readonly archiveTag: number
  /** Of an encrypted archive. */
  readonly lineages: Lineages | undefined
  /** Bytes by which frames may lie behind the place in the index, because the archive lost or gained bytes. */
  readonly shift: number
}

/**
 * Where a block and its primer lie: at the places in the index or, if others of an archive's frames were found shifted, as
 * far from these.
 * @throws LmzError `Format` if the index has no such primer
 */
export function locateBlock(places: FramePlaces, block: Block): LoneLocation & Pick<Block, 'chunkCount'> {
  const { primer: primerId, ...location } = block
  const primer = primerId === undefined ? undefined : locatePrimer(places, primerId)
  const lineage = places.lineages?.of(frameTypes.block, block.id)
  return { ...location, lineage, position: placeOf(places, frameTypes.block, block), primer }
}

/** Where a primer lies, likewise. @throws LmzError `Format` if the index has no such primer */
export function locatePrimer(places: FramePlaces, id: number): IndexedFrame {
  const primer = places.index.primer(id)
  const lineage = places.lineages?.of(frameTypes.primer, id)
  return { ...primer, lineage, position: placeOf(places, frameTypes.primer, primer) }
}

/** Whether the header of this very block stands at a position; its payload is not looked at. */
export function isBlockAt(places: FramePlaces, block: Block, position: number): boolean {
  return isAt(places, frameTypes.block, block, position)
}

function placeOf(places: FramePlaces, type: number, frame: IndexedFrame): number {
  const { position } = frame
  return places.shift === 0 || isAt(places, type, frame, position) ? position : position + places.shift
}

function isAt(places: FramePlaces, type: number, frame: IndexedFrame, position: number): boolean {
  const { source, archiveTag, lineages } = places
  try {
    const lineage = lineages?.of(type, frame.id)
    return isHeaderOf({ ...frame, lineage }, type, archiveTag, readFrameHeader(source, position))
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return false
    throw cause
  }
}
