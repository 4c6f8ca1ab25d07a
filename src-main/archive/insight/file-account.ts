import { codecName } from '../../codecs/registry'
import { contentKindOf } from '../../contract/content-kind'
import type { BlockAccount, BlockShare, FileAccount } from '../../contract/insight'
import type { Block } from '../../index/rows'
import type { Archive } from '../archive'
import { contentOfFile } from '../read-file'
import { blockCost, primerCost, readsPrimer, totalCost } from './query-cost'

export function blockAccount({ id, kind, codec, rawLength, storedLength, primer }: Block): BlockAccount {
  return {
    block: id,
    kind: contentKindOf(kind),
    codec: codecName(codec),
    rawBytes: rawLength,
    storedBytes: storedLength,
    primer,
  }
}

/**
 * Where a file lies, and what it costs to have it.
 * @param storedBytes its share of the archive's data
 * @throws LmzError `Usage` for an entry that is no file, `Corrupt` for one that is not in the archive, `Format`
 */
export function fileAccount(archive: Archive, entry: number, storedBytes: number): FileAccount {
  const { index } = archive
  const shares: BlockShare[] = []
  const blocks = new Map<number, Block>()
  const bases = new Map<number, Block>()
  let rawBytes = 0
  for (const piece of index.piecesOf(contentOfFile(archive, entry))) {
    const block = blocks.get(piece.block) ?? index.block(piece.block)
    const base = bases.get(block.id) ?? archive.baseOf(block)
    blocks.set(block.id, block)
    if (base !== undefined) bases.set(block.id, base)
    shares.push({ ...blockAccount(block), fileOffset: rawBytes, ownBytes: piece.length, base: base?.id })
    rawBytes += piece.length
  }
  for (const base of bases.values()) blocks.set(base.id, base)
  const primers = new Set(
    [...blocks.values()].flatMap(({ codec, primer }) => (readsPrimer(codec) ? (primer ?? []) : [])),
  )
  const query = totalCost(
    [...blocks.values()].map((block) => blockCost(archive, block)),
    [...primers].map((id) => primerCost(archive, index.primer(id))),
  )
  return { entry, rawBytes, storedBytes, blocks: shares, query }
}
