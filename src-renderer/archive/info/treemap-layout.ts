import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy'
import type { Share } from '../../../src-main/contract/engine-api'
import { type Part, partsOf } from './treemap-parts'

/** A part of the archive as a rectangle, in pixels. */
export interface Tile extends Omit<Part, 'weight'> {
  /** Names from the directory that is drawn down to this part. */
  readonly names: readonly string[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Whether its parts are drawn inside, so that of itself only the heading is seen. */
  readonly isFrame: boolean
  /** 1 for the parts of the directory that is drawn. */
  readonly depth: number
}

/** Pixels. Smaller rectangles can neither be told apart nor be hit. */
const leastSide = 5
const heading = 20
const gap = 1
const inset = 3
/** Below it, a directory is one rectangle: there is no room for its heading and parts. */
const leastFrame = { width: 72, height: 56 }

/** A part with those in it that are drawn, if it has the room. */
interface Nested extends Part {
  readonly parts: readonly Nested[]
}

/**
 * Nested rectangles whose areas are the stored bytes (Bruls, Huizing, van Wijk, "Squarified Treemaps", 2000), outer ones before those in them.
 */
export function tilesOf(share: Share, width: number, height: number): readonly Tile[] {
  if (width < leastSide || height < leastSide) return []
  const root = hierarchy<Nested>(nested({ share, within: share, weight: 1 }, width * height), ({ parts }) => parts)
  // What a directory has is shared out among its parts by their weights.
  const valueOf = new Map([[root, 1]])
  const valued = root.eachBefore((node) => {
    const value = valueOf.get(node) ?? 0
    Object.assign(node, { value })
    const weights = node.data.parts.reduce((sum, { weight }) => sum + weight, 0)
    for (const child of node.children ?? []) valueOf.set(child, (value * child.data.weight) / weights)
  })
  const placed = treemap<Nested>()
    .tile(treemapSquarify)
    .size([width, height])
    .round(true)
    .paddingInner(gap)
    .paddingOuter(({ depth }) => (depth === 0 ? 0 : inset))
    .paddingTop((node) => (node.depth === 0 || !hasRoom(node) ? 0 : heading))(valued)
  const tiles: Tile[] = []
  const visit = (node: typeof placed, names: readonly string[]): void => {
    for (const child of node.children ?? []) {
      const [tileWidth, tileHeight] = [child.x1 - child.x0, child.y1 - child.y0]
      if (tileWidth < leastSide || tileHeight < leastSide) continue
      const { parts, weight, ...part } = child.data
      const path = [...names, part.share.name]
      const isFrame = parts.length > 0 && hasRoom(child)
      const place = { x: child.x0, y: child.y0, width: tileWidth, height: tileHeight }
      tiles.push({ ...part, names: path, ...place, isFrame, depth: child.depth })
      if (isFrame) visit(child, path)
    }
  }
  visit(placed, [])
  return tiles
}

/** @param area square pixels that it will have, about: its sides are not known yet */
function nested(part: Part, area: number): Nested {
  const parts = partsOf(part.share, area)
  const weights = parts.reduce((sum, { weight }) => sum + weight, 0)
  return {
    ...part,
    parts: parts.map((child) => nested(child, insideOf((area * child.weight) / weights))),
  }
}

/** What is left of an area for parts, without heading and margins. */
function insideOf(area: number): number {
  const side = Math.sqrt(area)
  return Math.max(0, side - 2 * inset) * Math.max(0, side - heading - inset)
}

function hasRoom({ x0, x1, y0, y1 }: { x0: number; x1: number; y0: number; y1: number }): boolean {
  return x1 - x0 >= leastFrame.width && y1 - y0 >= leastFrame.height
}

/** The tile that lies nearest in a direction, as the arrow keys go; -1 if there is none. Frames are passed over when leaving what is in them. */
export function neighbour(tiles: readonly Tile[], from: number, key: string): number {
  const start = tiles[from]
  if (start === undefined) return tiles.length === 0 ? -1 : 0
  const [x, y] = centre(start)
  let best = -1
  let bestDistance = Infinity
  tiles.forEach((tile, index) => {
    if (index === from) return
    const [dx, dy] = [centre(tile)[0] - x, centre(tile)[1] - y]
    const ahead = { ArrowRight: dx, ArrowLeft: -dx, ArrowDown: dy, ArrowUp: -dy }[key] ?? 0
    const aside = key === 'ArrowRight' || key === 'ArrowLeft' ? Math.abs(dy) : Math.abs(dx)
    if (ahead <= 0.5) return
    // What lies straight ahead is nearer than what lies aside.
    const distance = ahead + aside * 2
    if (distance < bestDistance) [best, bestDistance] = [index, distance]
  })
  return best
}

/** Of a frame, the middle of its heading: that is what can be seen of it. */
function centre({ x, y, width, height, isFrame }: Tile): readonly [number, number] {
  return [x + width / 2, y + (isFrame ? heading / 2 : height / 2)]
}
