import { describe, expect, it } from 'vitest'
import type { Share } from '../../../src-main/contract/engine-api'
import { neighbour, tilesOf } from '../../../src-renderer/archive/info/treemap-layout'

let nextId = 1

function file(name: string, stored: number): Share {
  return { id: nextId++, name, isDirectory: false, size: stored * 2, stored }
}

function folder(name: string, ...parts: Share[]): Share {
  const stored = parts.reduce((sum, part) => sum + part.stored, 0)
  return { id: nextId++, name, isDirectory: true, size: stored * 2, stored, parts }
}

const tree = folder(
  'root',
  folder('big', file('a', 4000), file('b', 2000), folder('inner', file('c', 1000), file('d', 1000))),
  file('e', 3000),
  folder('small', file('f', 500), file('empty', 0)),
)

// If this fails, the picture says that something takes the room that something else takes.
describe('the treemap', () => {
  const tiles = tilesOf(tree, 800, 500)
  const tile = (name: string) => tiles.find(({ share }) => share.name === name)!

  it('gives files areas in proportion to what they store', () => {
    const area = (name: string) => tile(name).width * tile(name).height
    expect(area('a') / area('b')).toBeCloseTo(2, 0.5)
    expect(area('a') / area('c')).toBeGreaterThan(3)
    expect(tiles.some(({ share }) => share.name === 'empty')).toBe(false)
  })

  it('draws what is in a folder inside of it, and nothing over another', () => {
    const inside = (inner: (typeof tiles)[number], outer: (typeof tiles)[number]) =>
      inner.x >= outer.x &&
      inner.y >= outer.y &&
      inner.x + inner.width <= outer.x + outer.width &&
      inner.y + inner.height <= outer.y + outer.height
    expect(inside(tile('c'), tile('inner'))).toBe(true)
    expect(inside(tile('inner'), tile('big'))).toBe(true)
    const leaves = tiles.filter(({ isFrame }) => !isFrame)
    for (const one of leaves) {
      for (const other of leaves) {
        const apart =
          one === other ||
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y
        expect(apart, `${one.share.name} and ${other.share.name}`).toBe(true)
      }
    }
  })

  it('knows the way to each part', () => {
    expect(tile('d').names).toEqual(['big', 'inner', 'd'])
  })

  it('is gone through with the arrow keys', () => {
    for (const [index, from] of tiles.entries()) {
      const right = tiles[neighbour(tiles, index, 'ArrowRight')]
      if (right !== undefined) expect(right.x + right.width / 2).toBeGreaterThan(from.x + from.width / 2)
    }
    // Every part can be reached.
    const reached = new Set([0])
    for (const index of reached) {
      for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown']) {
        const next = neighbour(tiles, index, key)
        if (next >= 0) reached.add(next)
      }
    }
    expect(reached.size).toBe(tiles.length)
  })

  it('has nothing to draw without room, or without bytes', () => {
    expect(tilesOf(tree, 0, 0)).toEqual([])
    expect(tilesOf(folder('root', file('x', 0)), 800, 500)).toEqual([])
  })
})

// If this fails, a folder of very many files is one grey rectangle, or has holes where small files are.
describe('very many small files', () => {
  const many = Array.from({ length: 399 }, (_, at) => file(`${at}`, 100))
  const rest: Share = { id: 0, name: '', isDirectory: false, size: 200 * 99_601, stored: 100 * 99_601 }
  const tiles = tilesOf(folder('root', ...many, rest), 1000, 500)
  const others = tiles.find(({ drawn }) => drawn !== undefined)!

  it('are shown as far as there is room to read them, beside one tile for all others, which says that it is cut', () => {
    const own = tiles.filter(({ drawn }) => drawn === undefined)
    expect(own.length).toBeGreaterThan(50)
    for (const { width, height } of own) expect(width * height).toBeGreaterThan(1500)
    expect(others).toMatchObject({ isCut: true, drawn: own.length })
    expect(others.share.stored).toBe(100_000 * 100 - own.length * 100)
    expect((others.width * others.height) / (1000 * 500)).toBeCloseTo(0.25, 1)
  })

  it('beside a large one take the room that they have', () => {
    const [large, , small] = tilesOf(folder('root', file('large', 500_000), ...many), 1000, 500)
    expect(large?.share.name).toBe('large')
    expect(small?.isCut ?? false).toBe(false)
  })

  it('too small to be drawn leave no hole', () => {
    const drawn = tilesOf(folder('root', file('large', 1_000_000_000), ...many.slice(0, 50)), 1000, 500)
    expect(drawn.map(({ share: { name } }) => name)).toEqual(['large'])
    expect(drawn[0]!.width * drawn[0]!.height).toBeGreaterThan(1000 * 500 * 0.99)
  })
})
