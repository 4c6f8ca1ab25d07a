import { presets } from '../codecs/presets'
import { maximumBlockSize, minimumBlockSize, type PresetName, presetNames } from '../contract/preset'
import { version } from '../contract/version'
import type { Archive } from './archive'
import type { ChunkSizes } from './tasks'

/** How an archive is packed; kept in its index, so that later changes go on in the same way. */
export interface PackSettings {
  readonly preset: PresetName
  readonly blockSize: number
}

export const creator = `lmz ${version}`

/** What an existing archive was made with; defaults stand in for what it does not say or what makes no sense. */
export function settingsOf(archive: Archive): PackSettings {
  const stored = archive.index.settings()
  const preset = presetNames.find((name) => name === stored.get('preset')) ?? 'balanced'
  const blockSize = Number(stored.get('blockSize'))
  const isSensible = Number.isInteger(blockSize) && blockSize >= minimumBlockSize && blockSize <= maximumBlockSize
  return { preset, blockSize: isSensible ? blockSize : presets[preset].blockSize }
}

/** Which files share blocks with others. */
export interface BlockSharing {
  /** Files of so many bytes do not; Infinity if all do. */
  readonly separateFrom: number
  /** Bytes of a shared block at most. */
  readonly blockSize: number
}

/** Of this length a model decodes a block in half a second: that is how long a small file takes to open. Files of it do not share blocks. */
const briefBlock = 512 * 1024

/**
 * Models learn from what a block holds, so large files get blocks of their own. They also take a second for a megabyte, so what small
 * files share is half as long.
 */
export function blockSharing({ preset, blockSize }: PackSettings): BlockSharing {
  const isModelled = presets[preset].candidates.some(({ codec }) => codec.usesPrimer === true)
  if (!isModelled) return { separateFrom: Infinity, blockSize }
  return {
    separateFrom: Math.min(blockSize / 2, briefBlock),
    blockSize: Math.min(blockSize, Math.max(briefBlock, blockSize / 2)),
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
