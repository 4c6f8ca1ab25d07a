import { describe, expect, it } from 'vitest'
import { IndexWriter } from '../../../src-main/index/index-writer'
import { WorkList } from '../../../src-main/index/work-list'
import { finish, mtimeNs, withIndex } from './sample-index'

describe('WorkList', () => {
  it('gives files back by order, then path, exactly as they were put in', () => {
    const writer = IndexWriter.create()
    const work = new WorkList(writer)
    const items = [
      { entry: 1, path: '/b', size: 2 ** 40, order: 'text' },
      { entry: 2, path: '/a', size: 0, order: 'text' },
      { entry: 3, path: Uint8Array.of(0x2f, 0xff), size: 3, order: 'image' },
      { entry: 4, path: 'C:\\half \ud83d', size: 4, order: 'zip' },
      { entry: 5, path: '/a', size: 5, order: 'text' },
    ]
    for (const item of items) work.add(item)
    expect(work.totals()).toEqual({ entries: 5, bytes: 2 ** 40 + 12 })
    const plain = [...work.inOrder()].map(({ path, ...rest }) => {
      return { ...rest, path: typeof path === 'string' ? path : Uint8Array.from(path) }
    })
    expect(plain).toEqual([3, 2, 5, 1, 4].map((entry) => ({ ...items[entry - 1], order: undefined })))
    expect([...work.inOrder()]).toHaveLength(5)
    expect(() => work.add({ entry: 6, path: '/c', size: 1, order: 'a' })).toThrow(
      expect.objectContaining({ code: 'Usage' }),
    )
    writer.close()
  })

  it('may be worked off while the index is written and snapshots are taken', () => {
    const writer = IndexWriter.create()
    const work = new WorkList(writer)
    const count = 3000
    for (let number = 0; number < count; number++) {
      const entry = writer.addEntry({ parent: 0, name: `f${number}`, kind: 'file', mode: 0o644, mtimeNs })
      work.add({ entry, path: `/f${number}`, size: 1, order: String((number * 7919) % count).padStart(5, '0') })
    }
    const content = writer.addContent({ size: 0, runs: [] })
    const seen = new Set<number>()
    for (const { entry } of work.inOrder()) {
      writer.setContent(entry, content)
      seen.add(entry)
      if (seen.size % 1000 === 0) writer.snapshot({ checkpoint: true })
    }
    expect(seen.size).toBe(count)
    // The list itself never becomes part of the archive.
    const bytes = Buffer.from(finish(writer))
    expect(bytes.includes('/f1')).toBe(false)
    withIndex(bytes, (index) => expect(index.totals()).toMatchObject({ files: count, storedFiles: count }))
  })
})
