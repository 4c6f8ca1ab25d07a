import type { BaseName } from '../../codecs/codec'
import { baseOfCodec } from '../../codecs/registry'
import { LmzError } from '../../contract/error'
import type { FrameSource } from '../../format/frame-reader'
import type { Block } from '../../index/rows'
import { type BlockLocation, type LoneLocation, readPayloadHead } from '../block-reader'
import { type FramePlaces, locateBlock } from '../locate-block'

/*
 * A block may be coded against another one of the archive, its base. Only the block's own payload says which; the index does not. The base
 * is an older block that has no base itself: so no chain and no circle can be made of them, whatever an archive claims.
 */

/**
 * Which block another is coded against, by the first bytes of its payload.
 * @param block where it really lies
 * @returns undefined for a block that has no base
 * @throws LmzError `Corrupt` when its frame is damaged or it names no older block; `Auth` (damaged), `Unsupported`, `Limit`
 */
export function readBaseName(source: FrameSource, block: LoneLocation, archiveTag: number): BaseName | undefined {
  const based = baseOfCodec(block.codec)
  if (based === undefined) return undefined
  const name = based.name(readPayloadHead(source, block, archiveTag))
  if (name.id < block.id) return name
  throw isNotThere(block, name.id)
}

/**
 * A block's place together with that of its base, if it has one.
 * @param source what the block's own bytes are read from: the archive, or what was healed of it
 * @throws LmzError as {@link readBaseName}; `Corrupt` for a base that the index does not know or that has a base itself
 */
export function withBase(places: FramePlaces, block: LoneLocation, source: FrameSource = places.source): BlockLocation {
  const name = readBaseName(source, block, places.archiveTag)
  if (name === undefined) return block
  const base = locateIfKnown(places, name.id)
  if (base === undefined || baseOfCodec(base.codec) !== undefined) throw isNotThere(block, name.id)
  return { ...block, base }
}

/** The row of a block's base, and where the block's counterpart stands in it; undefined if it has none, or what it is cannot be told. */
export function baseRow(places: FramePlaces, block: Block): (Block & Pick<BaseName, 'offset'>) | undefined {
  try {
    const name = readBaseName(places.source, locateBlock(places, block), places.archiveTag)
    return name && { ...places.index.block(name.id), offset: name.offset }
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return undefined
    throw cause
  }
}

function locateIfKnown(places: FramePlaces, id: number): LoneLocation | undefined {
  try {
    return locateBlock(places, places.index.block(id))
  } catch (cause) {
    if (cause instanceof LmzError && cause.code === 'Format') return undefined
    throw cause
  }
}

function isNotThere(block: LoneLocation, id: number): LmzError {
  const message = `Block ${block.id} is coded against block ${id}, which is no block that it can be decoded with.`
  return new LmzError('Corrupt', message, { offset: block.position })
}
