import { presets } from '../codecs/presets'
import { type ContentKind, textKinds } from '../contract/content-kind'
import { maximumBlockSize, minimumBlockSize, type PresetName, presetNames } from '../contract/preset'
import { type ProtectionLevel, protectionLevels } from '../contract/protection'
import { version } from '../contract/version'
import type { Archive } from './archive'
import type { ChunkSizes } from './workers/tasks'

/** How an archive is packed; kept in its index, so that later changes go on in the same way. */
export interface PackSettings {
  readonly preset: PresetName
  readonly blockSize: number
  /** Whether what is written is protected against damage, and how well. */
  readonly protection?: ProtectionLevel | undefined
}

/** The setting that keeps an archive protected through later changes. */
export const protectionSetting = 'protect'

export const creator = `lmz ${version}`

/** What an existing archive was made with; defaults stand in for what it does not say or what makes no sense. */
export function settingsOf(archive: Archive): PackSettings {
  const stored = archive.index.settings()
  const preset = presetOf(archive.index)
  const blockSize = Number(stored.get('blockSize'))
  const isSensible = Number.isInteger(blockSize) && blockSize >= minimumBlockSize && blockSize <= maximumBlockSize
  return {
    preset,
    blockSize: isSensible ? blockSize : presets[preset].blockSize,
    protection: protectionLevels.find((level) => level === stored.get(protectionSetting)),
  }
}

/** The preset that an archive was made with; balanced if it does not say. */
export function presetOf(index: Pick<Archive['index'], 'settings'>): PresetName {
  const preset = index.settings().get('preset')
  return presetNames.find((name) => name === preset) ?? 'balanced'
}

/** How long the blocks of a kind are, in raw bytes. */
export interface BlockSizes {
  /** Of files that are not packed with others. */
  readonly large: number
  /** Of files that share a block. */
  readonly shared: number
  /** Files of so many bytes do not share; Infinity if all do. */
  readonly separateFrom: number
}

/**
 * Models learn from what a block holds, so large files get blocks of their own. They also take their time to decode one, so what small
 * files share is shorter; and of text, which the slowest model reads, all blocks are.
 */
export function blockSizesOf({ preset, blockSize }: PackSettings, kind: ContentKind): BlockSizes {
  const { briefBlock, candidates, text } = presets[preset]
  const isModelled = candidates.some(({ codec }) => codec.usesPrimer === true)
  if (!isModelled) return { large: blockSize, shared: blockSize, separateFrom: Infinity }
  if (text === undefined || !textKinds.includes(kind)) return sizes(blockSize, briefBlock, 2)
  return sizes(Math.min(blockSize, Math.max(text.blockSize, blockSize / 4)), text.briefBlock, 8)
}

/** @param parts of a large block, one of which small files share where that is more than the brief one */
function sizes(large: number, brief: number, parts: number): BlockSizes {
  return {
    large,
    shared: Math.min(large, Math.max(brief, large / parts)),
    separateFrom: Math.min(large / 2, brief),
  }
}

/**
 * Chunk sizes for a block size: FastCDC's 16, 64 and 256 KiB, less for small blocks, since a chunk must fit in a block and
 * large chunks would leave much of a small one empty.
 */
export function chunkSizesFor(blockSize: number): ChunkSizes {
  const average = Math.min(64 * 1024, 2 ** Math.floor(Math.log2(blockSize / 8)))
  return { minimum: average / 4, average, maximum: average * 4 }
}
