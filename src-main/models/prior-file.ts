import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { LmzError } from '../contract/error'
import type { StateKernel } from '../kernels/mix-kernel'
import { lineLength, streamCount } from './history-tree'
import { type KernelFacts, kernelScale } from './kernel-facts'
import { packSmall, unpackSmall } from './prior-small'
import { putTogether, takeApart } from './prior-table'

/** A model's state after training: what every block of its sort starts from. */
export interface PriorState {
  /** The hashed table as the kernel unpacks it, see {@link putTogether}. */
  readonly table: Uint8Array
  /** Maps, weights and estimators. */
  readonly small: Uint8Array
}

const magic = Buffer.from('LMZP')
const version = 1
/** magic, version, bits of the table's size, two zeros, and u32 raw and stored lengths of each section. */
const sectionCount = streamCount + 4
const headerLength = 8 + sectionCount * 8
const largestTableBits = 24
/** Of a section, unpacked; a tenth of it is in use. */
const longestSection = 64 * 1024 * 1024

/**
 * @param state.table lines of 64 bytes, as they stand in the kernel
 * @returns the file: a header and one zstd frame a section: small state (2), occupancy, checks, and the streams of histories
 */
export function encodePriorFile(
  { table, small }: { readonly table: Uint8Array; readonly small: Uint8Array },
  facts: KernelFacts,
): Uint8Array {
  const { occupancy, checks, histories } = takeApart(table, facts.seen)
  const sections = [...packSmall(small, facts), occupancy, checks, ...histories]
  const payloads = sections.map((section) =>
    zstdCompressSync(section, { params: { [constants.ZSTD_c_compressionLevel]: 22 } }),
  )
  const header = Buffer.alloc(headerLength)
  magic.copy(header)
  header.writeUInt8(version, 4)
  header.writeUInt8(Math.log2(table.length / lineLength), 5)
  sections.forEach((section, number) => {
    header.writeUInt32LE(section.length, 8 + number * 8)
    header.writeUInt32LE(payloads[number]?.length ?? 0, 12 + number * 8)
  })
  return Buffer.concat([header, ...payloads])
}

/**
 * @param kernel whose memory is the workbench; what is returned are parts of it
 * @throws LmzError `Corrupt`
 */
export function decodePriorFile(file: Uint8Array, kernel: StateKernel): PriorState {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  const tableBits = bytes.length > headerLength ? bytes.readUInt8(5) : 0
  const isKnown = tableBits > 0 && bytes.subarray(0, 4).equals(magic) && bytes.readUInt8(4) === version
  if (!isKnown || tableBits > largestTableBits) throw damaged()
  let at = headerLength
  const sections = Array.from({ length: sectionCount }, (_none, number) => {
    const [rawLength, storedLength] = [bytes.readUInt32LE(8 + number * 8), bytes.readUInt32LE(12 + number * 8)]
    at += storedLength
    return decodeSection(bytes.subarray(at - storedLength, at), rawLength)
  })
  const none = new Uint8Array()
  const [words = none, estimators = none, occupancy = none, checks = none, ...histories] = sections
  if (at !== bytes.length || occupancy.length !== 2 ** tableBits) throw damaged()
  kernel.clearSmallState()
  const small = kernel.memory.subarray(kernel.state, kernel.stateEnd)
  const table = putTogether({ occupancy, checks, histories }, kernel)
  if (table === undefined || !unpackSmall([words, estimators], small, kernelScale(kernel))) throw damaged()
  return { table, small }
}

function decodeSection(stored: Uint8Array, rawLength: number): Uint8Array {
  if (rawLength > longestSection) throw damaged()
  try {
    const raw = zstdDecompressSync(stored, { maxOutputLength: Math.max(1, rawLength) })
    if (raw.length === rawLength) return raw
  } catch (cause) {
    throw damaged(cause)
  }
  throw damaged()
}

function damaged(cause?: unknown): LmzError {
  return new LmzError('Corrupt', 'A model file of lmz is damaged. Install lmz again; archives are not affected.', {
    cause,
  })
}
