import { blake3 } from '@noble/hashes/blake3.js'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createArchive } from '../../src-main/archive/create'
import { wideCellsOf } from '../support/parity-reference'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

/*
 * Parity read by docs/format.md alone, without any code of lmz: proof that the page is enough. Offsets below are those of its tables.
 */

interface Description {
  readonly from: number
  readonly position: number
  readonly cellLength: number
  readonly segments: number
  readonly groups: number
  readonly wide: number
}

function describedAt(archive: Buffer, at: number): Description {
  const record = archive.subarray(at, at + 128)
  expect(record.subarray(0, 4).toString('hex')).toBe('d36c7a72')
  expect(crc32(record.subarray(0, 124))).toBe(record.readUInt32LE(124))
  const bytes = record.subarray(16, 96)
  expect(bytes.subarray(0, 16)).toEqual(archive.subarray(16, 32))
  return {
    from: Number(bytes.readBigUInt64LE(16)),
    position: Number(bytes.readBigUInt64LE(24)),
    cellLength: bytes.readUInt32LE(56),
    segments: bytes.readUInt32LE(60),
    groups: bytes.readUInt32LE(64),
    wide: bytes.readUInt32LE(68),
  }
}

const hash = (bytes: Uint8Array, length: number): Buffer => Buffer.from(blake3(bytes).subarray(0, length))

function xorOf(cells: readonly Buffer[], length: number): Buffer {
  const sum = Buffer.alloc(length)
  for (const cell of cells) cell.forEach((byte, at) => (sum[at] = (sum[at] ?? 0) ^ byte))
  return sum
}

async function protectedArchive(): Promise<Buffer> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'in'))
  writeFileSync(join(folder, 'in/noise'), new Random(seed).bytes(39_000))
  const path = join(folder, 'x.lmz')
  await createArchive(path, [join(folder, 'in')], { preset: 'fast', protection: 'normal' })
  return readFileSync(path)
}

describe('docs/format.md', () => {
  it('is enough to find and check all parity', async () => {
    const archive = await protectedArchive()
    const footer = archive.subarray(-144)
    const frame = Number(footer.readBigUInt64LE(96))
    const described = describedAt(archive, frame + 64)
    const { from, position, cellLength, segments, groups, wide } = described
    expect({ from, position, segments }).toEqual({ from: 0, position: frame, segments: 1 })
    const descriptionHash = hash(archive.subarray(frame + 80, frame + 160), 16)
    expect(footer.subarray(112, 128)).toEqual(descriptionHash)
    expect(archive.subarray(frame + 28, frame + 44)).toEqual(descriptionHash)
    expect(archive.readUInt8(frame + 4)).toBe(4)
    expect(Number(footer.readBigUInt64LE(104))).toBe(64 + archive.readUIntLE(frame + 22, 6))

    const cells = Array.from({ length: Math.ceil((position - from) / cellLength) }, (_, cell) => {
      const bytes = Buffer.alloc(cellLength)
      archive.copy(bytes, 0, from + cell * cellLength, Math.min(from + (cell + 1) * cellLength, position))
      return bytes
    })
    const membersOf = (group: number): Buffer[] => cells.filter((_cell, number) => number % groups === group)
    const pieceOf = (group: number): Buffer => {
      const hashes = Buffer.alloc(Math.ceil(cells.length / groups) * 8)
      membersOf(group).forEach((cell, at) => hashes.set(hash(cell, 8), at * 8))
      const place = Buffer.alloc(8)
      place.writeUInt32LE(group, 4)
      return Buffer.concat([hashes, hash(Buffer.concat([descriptionHash, place, hashes]), 8)])
    }
    let at = frame + 64 + 128
    const expectRecord = (kind: number, number: number, pieces: readonly Buffer[], cell: Buffer): void => {
      expect(describedAt(archive, at)).toEqual(described)
      expect([archive.readUInt8(at + 4), archive.readUInt32LE(at + 12)]).toEqual([kind, number])
      expect(archive.subarray(at + 96, at + 112)).toEqual(hash(cell, 16))
      const expected = Buffer.concat([...pieces, cell])
      expect(archive.subarray(at + 128, at + 128 + expected.length).equals(expected), `record ${number}`).toBe(true)
      at += 128 + expected.length
    }
    for (let group = 0; group < groups; group++) {
      expectRecord(1, group, [pieceOf(group)], xorOf(membersOf(group), cellLength))
    }
    const unused = Buffer.alloc(pieceOf(0).length)
    for (const [number, cell] of wideCellsOf(cells, wide).entries()) {
      const pieces = Array.from({ length: Math.ceil(groups / wide) }, (_, more) =>
        number + more * wide < groups ? pieceOf(number + more * wide) : unused,
      )
      expectRecord(2, number, pieces, Buffer.from(cell))
    }
    for (let group = 0; group < groups; group++) {
      expect(archive.subarray(at, at + unused.length)).toEqual(pieceOf(group))
      at += unused.length
    }
    expect(describedAt(archive, at)).toEqual(described)
    const index = at + 128
    expect(Number(footer.readBigUInt64LE(24))).toBe(index)
    expect(index - frame).toBe(Number(footer.readBigUInt64LE(104)))
  })
})
