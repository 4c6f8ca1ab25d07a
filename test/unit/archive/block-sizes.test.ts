import { describe, expect, it } from 'vitest'
import { blockSizesOf, type PackSettings } from '../../../src-main/archive/settings'
import { presets } from '../../../src-main/codecs/presets'
import { type ContentKind, contentKinds } from '../../../src-main/contract/content-kind'
import { maximumBlockSize, minimumBlockSize, presetNames } from '../../../src-main/contract/preset'

const kinds = Object.keys(contentKinds) as ContentKind[]
const kibibyte = 1024
const sizesIn = (settings: PackSettings, kind: ContentKind) => {
  const { large, shared, separateFrom } = blockSizesOf(settings, kind)
  return [large, shared, separateFrom].map((bytes) => bytes / kibibyte)
}

describe('how long blocks are', () => {
  it('is one length without a model: nothing is learnt from a block', () => {
    expect(sizesIn({ preset: 'fast', blockSize: presets.fast.blockSize }, 'text')).toEqual([2048, 2048, Infinity])
  })

  it('is less for what small files share, which is decoded for each of them', () => {
    for (const kind of kinds) {
      expect(sizesIn({ preset: 'balanced', blockSize: presets.balanced.blockSize }, kind)).toEqual([1024, 512, 512])
    }
  })

  it('is less for text where a language model reads it: two seconds for a small file', () => {
    const settings = { preset: 'max', blockSize: presets.max.blockSize } as const
    for (const kind of ['text', 'code', 'structured'] as const)
      expect(sizesIn(settings, kind)).toEqual([1024, 128, 128])
    for (const kind of ['binary', 'executable', 'image', 'tensor'] as const) {
      expect(sizesIn(settings, kind)).toEqual([4096, 2048, 512])
    }
  })

  it('follows what was asked for', () => {
    expect(sizesIn({ preset: 'max', blockSize: 256 * kibibyte }, 'text')).toEqual([256, 128, 128])
    expect(sizesIn({ preset: 'max', blockSize: maximumBlockSize }, 'text')).toEqual([4096, 512, 128])
    expect(sizesIn({ preset: 'max', blockSize: minimumBlockSize }, 'text')).toEqual([64, 64, 32])
    for (const preset of presetNames) {
      for (const kind of kinds) {
        for (const blockSize of [minimumBlockSize, 100_000, maximumBlockSize]) {
          const { large, shared } = blockSizesOf({ preset, blockSize }, kind)
          expect(large).toBeLessThanOrEqual(blockSize)
          expect(shared).toBeLessThanOrEqual(large)
          expect(shared).toBeGreaterThanOrEqual(minimumBlockSize)
        }
      }
    }
  })
})
