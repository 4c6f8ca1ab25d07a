import { describe, expect, it } from 'vitest'
import { coarserGroup, dataGroup, groupDepth } from '../../../src-main/intake/data-group'

describe('data groups', () => {
  it('hold files of one kind, extension and top folder together', () => {
    const group = dataGroup('work/server/src/main.ts')
    expect(dataGroup('work/server/test/deep/other.ts')).toBe(group)
    expect(group).not.toBeUndefined()
    expect(dataGroup('work/client/src/main.ts')).not.toBe(group)
    expect(dataGroup('work/server/src/main.css')).not.toBe(group)
  })

  it('leave out what a sample cannot help to describe', () => {
    for (const name of ['a.jpg', 'b.zip', 'c.safetensors', 'd.bmp']) expect(dataGroup(`x/${name}`)).toBeUndefined()
  })

  it('widen step by step until all files of a kind are together', () => {
    const widened = (path: string): (string | undefined)[] => {
      const steps: (string | undefined)[] = [dataGroup(path)]
      while (steps.at(-1) !== undefined) steps.push(coarserGroup(steps.at(-1) ?? ''))
      return steps
    }
    const [deep, flat, plain] = [widened('a/b/c/x.ts'), widened('a/y.ts'), widened('z.py')]
    expect([deep.length, flat.length, plain.length]).toEqual([5, 4, 3])
    expect(deep[1]).toBe(flat[0])
    expect(deep[2]).toBe(flat[1])
    expect(deep[3]).toBe(plain[1])
    expect(widened('a/no-extension').at(-2)).not.toBe(deep[3])
    expect(groupDepth(deep[0] ?? '')).toBe(3)
    for (const steps of [deep, flat, plain, widened('a/b/Makefile')]) {
      const depths = steps.slice(0, -1).map((group) => groupDepth(group ?? ''))
      expect(depths).toEqual(depths.map((_, at) => depths.length - 1 - at))
    }
  })
})
