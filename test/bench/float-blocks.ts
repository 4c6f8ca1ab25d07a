import { setImmediate as letOthersRun } from 'node:timers/promises'
import { codecByNumber } from '../../src-main/codecs/registry'

export interface Coded {
  /** Of the stored blocks, each no longer than it is raw. */
  readonly bytes: number
  /** Of a processor, without waiting for one; without checking. */
  readonly encoding: number
  readonly decoding: number
}

/** Codes bytes as blocks of kind tensor with one codec, decodes them, compares them, and tells what they took. */
export async function codeBlocks(file: Uint8Array, blockSize: number, codec: number, effort: number): Promise<Coded> {
  const chosen = codecByNumber(codec)
  let bytes = 0
  let encoding = 0
  let decoding = 0
  for (let at = 0; at < file.length; at += blockSize) {
    const raw = file.subarray(at, at + blockSize)
    await letOthersRun()
    const before = process.cpuUsage()
    const stored = await chosen.encode(raw, { kind: 'tensor' }, effort)
    encoding += process.cpuUsage(before).user
    const start = process.cpuUsage()
    const decoded = chosen.decode(stored, raw.length, { kind: 'tensor' })
    decoding += process.cpuUsage(start).user
    if (Buffer.compare(decoded, raw) !== 0) throw new Error(`${chosen.name} does not give a block back`)
    bytes += Math.min(raw.length, stored.length)
  }
  return { bytes, encoding: encoding / 1e6, decoding: decoding / 1e6 }
}
