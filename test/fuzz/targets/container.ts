import { crc32, zstdDecompressSync } from 'node:zlib'
import { Archive } from '../../../src-main/archive/archive'
import { archiveInfo } from '../../../src-main/archive/info'
import { LmzError } from '../../../src-main/contract/error'
import { MemorySource } from '../../../src-main/format/byte-source'
import { readDisplacedFooter } from '../../../src-main/format/footer'
import { contentHashOf, frameMagic, frameTypes } from '../../../src-main/format/frame'
import { readFrameHeader } from '../../../src-main/format/frame-reader'
import { decodeHeader } from '../../../src-main/format/header'
import { emptyIndexBytes } from '../../../src-main/index/schema'
import { type Craft, craftArchive } from '../../support/crafted-archive'
import { memoryStorage } from '../../support/in-memory-archive'
import type { Random } from '../../support/random'
import { readEverything } from '../../unit/index/sample-index'
import type { Target } from '../guided'

function samples(random: Random): Buffer[] {
  const text = { 'a.txt': random.text(300), 'b.txt': random.text(200) }
  const crafts: Craft[] = [
    { blocks: [{ files: text }] },
    { blocks: [{ files: text, codec: 1 }, { files: { 'c.bin': random.bytes(100) } }] },
    { primers: [{ bytes: random.text(90) }], blocks: [{ files: text, codec: 1, primer: 1 }] },
    { blocks: [{ files: { long: random.bytes(60) } }, { files: { long: random.bytes(70) } }] },
  ]
  return crafts.map((craft) => craftArchive(craft).bytes)
}

function repairChecksum(input: Buffer, at: number): void {
  if (input.length >= at + 64) input.writeUInt32LE(crc32(input.subarray(at, at + 60)), at + 60)
}

export const header: Target = {
  name: 'archive header',
  covers: /format\/header/,
  longest: 80,
  seeds: (random) => samples(random).map((bytes) => bytes.subarray(0, 64)),
  repair: (input) => repairChecksum(input, 0),
  run: (input) => void decodeHeader(input),
}

export const frameHeader: Target = {
  name: 'frame header',
  covers: /format\/frame/,
  longest: 600,
  seeds: (random) => samples(random).flatMap((bytes) => positionsOf(bytes).map((at) => bytes.subarray(at, at + 300))),
  repair: (input) => repairChecksum(input, 0),
  run: (input) => void readFrameHeader(new MemorySource(input), 0),
}

export const footer: Target = {
  name: 'footer',
  covers: /format\/footer/,
  longest: 220,
  seeds: (random) => samples(random).map((bytes) => bytes.subarray(-208)),
  repair(input) {
    if (input.length >= 208) input.set(contentHashOf(input.subarray(64, 208)), 28)
    repairChecksum(input, 0)
  },
  run: (input) => void readDisplacedFooter(new MemorySource(input), 0),
}

/** Everything from the last bytes of a file to those of its blocks: footer, scanning, snapshot, index frame, index, blocks. */
export const archive: Target = {
  name: 'archive: scan, snapshot, blocks',
  covers:
    /format\/|archive\/(archive|snapshot|frame-survey|index-frame|locate-block|block-reader|indexed-frame|info)\.ts|primer\/reader/,
  longest: 12_000,
  seeds: samples,
  repair: signFrames,
  async run(input) {
    const storage = memoryStorage(input)
    for (const isForSalvage of [false, true]) {
      const opened = await (isForSalvage ? Archive.openForSalvage('x.lmz', storage) : Archive.open('x.lmz', storage))
      try {
        useAll(opened)
      } finally {
        opened.close()
      }
    }
  },
}

export function useAll(opened: Archive): void {
  readEverything(opened.index)
  for (const { id } of opened.index.blocks()) {
    try {
      opened.readBlock(id)
    } catch (thrown) {
      if (!(thrown instanceof LmzError)) throw thrown
    }
  }
  Array.from(opened.commits())
  archiveInfo(opened)
}

function positionsOf(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(frameMagic); at !== -1; at = bytes.indexOf(frameMagic, at + 1)) found.push(at)
  return found
}

/**
 * What an attacker does after changing something: hashes and checksums of all frames are made to fit, and each footer is told where it
 * and its index are. Every fourth input, by its length, keeps what its footers say.
 */
function signFrames(input: Buffer): void {
  repairChecksum(input, 0)
  let index: { at: number; hash: Uint8Array; length: number } | undefined
  for (const at of positionsOf(input)) {
    if (at + 64 > input.length) continue
    const storedLength = input.readUIntLE(at + 22, 6)
    const payload = input.subarray(at + 64, at + 64 + storedLength)
    const type = input.readUInt8(at + 4)
    if (type === frameTypes.footer && payload.length >= 144 && input.length % 4 !== 0) {
      payload.writeBigUInt64LE(BigInt(at), 80)
      if (index !== undefined) {
        payload.writeBigUInt64LE(BigInt(index.at), 24)
        payload.writeBigUInt64LE(BigInt(index.length), 32)
        payload.set(index.hash, 40)
      }
    }
    const raw = decoded(input.readUInt8(at + 5), input.readUInt16LE(at + 6), payload)
    if (raw !== undefined) {
      const hash = contentHashOf(raw)
      input.set(hash, at + 28)
      if (type === frameTypes.index) {
        input.writeUIntLE(raw.length, at + 16, 6)
        index = { at, hash, length: 64 + payload.length }
      }
    }
    repairChecksum(input, at)
  }
}

function decoded(codec: number, flags: number, payload: Buffer): Uint8Array | undefined {
  try {
    if (codec === 0) return payload
    const dictionary = (flags & 0x100) === 0 ? {} : { dictionary: emptyIndexBytes() }
    return codec === 1 ? zstdDecompressSync(payload, { maxOutputLength: 1 << 20, ...dictionary }) : undefined
  } catch {
    return undefined
  }
}
