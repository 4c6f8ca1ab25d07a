import { describe, expect, it } from 'vitest'
import { contentKindOf, contentKinds } from '../../../src-main/contract/content-kind'

describe('content kinds', () => {
  it('keep the numbers that archives hold', () => {
    expect(contentKinds).toEqual({
      binary: 0,
      text: 1,
      code: 2,
      structured: 3,
      executable: 4,
      image: 5,
      media: 6,
      tensor: 7,
      compressed: 8,
    })
  })

  it('read a number of a later version as binary', () => {
    expect(contentKindOf(3)).toBe('structured')
    expect(contentKindOf(200)).toBe('binary')
  })
})
