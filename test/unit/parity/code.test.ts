import { describe, expect, it } from 'vitest'
import { divide, multiply, WideFactors } from '../../../src-main/format/parity/field'
import { SegmentCode, type SegmentShape } from '../../../src-main/format/parity/segment-code'
import { solveSegment } from '../../../src-main/format/parity/segment-solver'
import { inverse, product, wideCellsOf } from '../../support/parity-reference'
import { Random, seed } from '../../support/random'

const random = new Random(seed)

function makeCells(count: number, length: number): Buffer[] {
  return Array.from({ length: count }, () => random.bytes(length))
}

function encode(shape: SegmentShape, cells: readonly Uint8Array[]): SegmentCode {
  const code = new SegmentCode(shape)
  cells.forEach((cell, number) => code.put(number, cell))
  return code
}

function xorOf(cells: readonly Uint8Array[]): Uint8Array {
  const sum = new Uint8Array(cells[0]?.length ?? 0)
  for (const cell of cells) cell.forEach((byte, at) => (sum[at] = (sum[at] ?? 0) ^ byte))
  return sum
}

describe('the field', () => {
  it('multiplies and divides as by hand', () => {
    for (let round = 0; round < 500; round++) {
      const [left, right] = [random.below(65_536), 1 + random.below(65_535)]
      expect(multiply(left, right)).toBe(product(left, right))
      expect(multiply(divide(left, right), right)).toBe(left)
    }
    expect(divide(1, 777)).toBe(inverse(777))
    expect(multiply(0, 5)).toBe(0)
  })
})

describe('parity cells: were they wrong, nothing could be repaired from them', () => {
  it.each([
    [1, 1, 1, 32],
    [5, 2, 1, 32],
    [7, 3, 2, 64],
    [40, 4, 4, 32],
    [100, 7, 5, 96],
    [200, 16, 16, 32],
  ])('of %i cells in %i groups, %i wide, %i bytes each', (cells, groups, wide, cellLength) => {
    const data = makeCells(cells, cellLength)
    const code = encode({ cells, cellLength, groups, wide }, data)
    code.finish()
    for (let group = 0; group < groups; group++) {
      const members = data.filter((_cell, number) => number % groups === group)
      if (members.length > 0) expect(code.xorCell(group)).toEqual(xorOf(members))
    }
    const expected = wideCellsOf(data, wide)
    expected.forEach((cell, row) =>
      expect(Buffer.from(code.wideCell(row)), `wide cell ${row}`).toEqual(Buffer.from(cell)),
    )
  })

  it('are the same for cells longer than a stripe of the transform', () => {
    const data = makeCells(6, 4128)
    const code = encode({ cells: 6, cellLength: 4128, groups: 2, wide: 3 }, data)
    code.finish()
    wideCellsOf(data, 3).forEach((cell, row) => expect(Buffer.from(code.wideCell(row))).toEqual(Buffer.from(cell)))
  })

  it('are those that the factors say, up to the last chunk', () => {
    const [cells, wide] = [16_384, 512]
    const factors = new WideFactors(512, cells)
    const number = 16_111
    const cell = random.bytes(32)
    const code = new SegmentCode({ cells, cellLength: 32, groups: 512, wide })
    code.put(number, cell)
    code.finish()
    for (const row of [0, 1, 200, 511]) {
      const factor = factors.at(row, number)
      const expected = Buffer.alloc(32)
      for (let at = 0; at < 16; at++) {
        const value = product((cell[at] ?? 0) | ((cell[at + 16] ?? 0) << 8), factor)
        expected[at] = value & 255
        expected[at + 16] = value >> 8
      }
      expect(Buffer.from(code.wideCell(row))).toEqual(expected)
    }
  })
})

function finished<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Loses cells of a segment, data and parity, and solves for them. */
function trial(shape: SegmentShape, data: readonly Uint8Array[], stored: Stored, isLost: (unit: number) => boolean) {
  const { cells, groups } = shape
  const code = new SegmentCode(shape)
  const lost: number[] = []
  data.forEach((cell, number) => {
    if (isLost(number)) lost.push(number)
    else code.put(number, cell)
  })
  const solution = finished(
    solveSegment(code, {
      lost,
      xorCell: (group) => (isLost(cells + group) ? undefined : stored.xor[group]),
      wideCell: (row) => (isLost(cells + groups + row) ? undefined : stored.wide[row]),
    }),
  )
  for (const [number, bytes] of solution.cells) {
    expect(Buffer.from(bytes).equals(data[number] ?? Buffer.of()), `cell ${number} came out wrong`).toBe(true)
  }
  return { lost, solution }
}

interface Stored {
  readonly xor: readonly Uint8Array[]
  readonly wide: readonly Uint8Array[]
}

function store(shape: SegmentShape, data: readonly Uint8Array[]): Stored {
  const code = encode(shape, data)
  code.finish()
  return {
    xor: Array.from({ length: shape.groups }, (_, group) => Uint8Array.from(code.xorCell(group))),
    wide: Array.from({ length: shape.wide }, (_, row) => Uint8Array.from(code.wideCell(row))),
  }
}

describe('lost cells of a segment', () => {
  const shape = { cells: 160, cellLength: 32, groups: 9, wide: 8 }
  const data = makeCells(shape.cells, shape.cellLength)
  const stored = store(shape, data)
  const units = shape.cells + shape.groups + shape.wide

  it('come back when any one is lost', () => {
    for (let unit = 0; unit < units; unit++) {
      const { lost, solution } = trial(shape, data, stored, (one) => one === unit)
      expect(solution.cells.size).toBe(lost.length)
    }
  })

  it('come back from bursts of sixteen cells anywhere, one less than there are XOR and wide cells', () => {
    for (let from = 0; from + 16 <= units; from++) {
      const { lost, solution } = trial(shape, data, stored, (unit) => unit >= from && unit < from + 16)
      expect(solution.cells.size, `burst from ${from}`).toBe(lost.length)
    }
  })

  it('are given up when too many are lost, but for those that are alone in their groups', () => {
    const gone = new Set([...Array.from({ length: 17 }, (_, at) => at * 9), 1])
    const { solution } = trial(shape, data, stored, (unit) => gone.has(unit))
    expect([...solution.cells.keys()]).toEqual([1])
  })

  it('are never computed wrongly, whatever is lost', () => {
    for (let round = 0; round < 300; round++) {
      const share = random.share() * 0.2
      const lostUnits = new Set(Array.from({ length: units }, (_, unit) => unit).filter(() => random.share() < share))
      trial(shape, data, stored, (unit) => lostUnits.has(unit))
    }
  })

  it('are proven when more equations hold than are needed, and given up when one of them does not', () => {
    const gone = new Set([0, 9, 18])
    expect(trial(shape, data, stored, (unit) => gone.has(unit)).solution.isProven).toBe(true)
    const forged = { ...stored, wide: stored.wide.map((cell, row) => (row === 1 ? random.bytes(32) : cell)) }
    expect(trial(shape, data, forged, (unit) => gone.has(unit)).solution.cells.size).toBe(0)
  })
})

describe('cells whose hashes are lost', () => {
  const shape = { cells: 300, cellLength: 64, groups: 11, wide: 12 }
  const data = makeCells(shape.cells, shape.cellLength)
  const stored = store(shape, data)

  it('are told apart, right from wrong, by the equations that are to spare', () => {
    for (let round = 0; round < 20; round++) {
      const group = random.below(shape.groups)
      const suspects = data.map((_cell, number) => number).filter((number) => number % shape.groups === group)
      const wrong = suspects.filter(() => random.share() < 0.08).slice(0, 4)
      const lost = new Set(
        Array.from({ length: 8 }, () => random.below(shape.cells)).filter((one) => !suspects.includes(one)),
      )
      const code = new SegmentCode(shape)
      data.forEach((cell, number) => {
        if (!lost.has(number)) code.put(number, wrong.includes(number) ? random.bytes(shape.cellLength) : cell)
      })
      const {
        cells,
        wrong: found,
        isProven,
      } = finished(
        solveSegment(code, {
          lost: [...lost].sort((left, right) => left - right),
          suspects,
          xorCell: (one) => (one === group && round % 2 === 0 ? undefined : stored.xor[one]),
          wideCell: (row) => stored.wide[row],
        }),
      )
      expect(found, `round ${round}`).toEqual(wrong)
      if (wrong.length > 0) continue
      expect(isProven).toBe(true)
      for (const [number, bytes] of cells) expect(Buffer.from(bytes).equals(data[number] ?? Buffer.of())).toBe(true)
    }
  })
})
