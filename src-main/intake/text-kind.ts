import { isUtf8 } from 'node:buffer'
import type { ContentKind } from '../contract/content-kind'

export type TextKind = Extract<ContentKind, 'text' | 'code' | 'structured'>

/** Bytes of which every single one is looked at; the rest of the head is only checked for NUL and valid UTF-8. */
const sampleLength = 4096
/** Terminal colours and form feeds happen in text; a share of control bytes over this does not. */
const controlShare = 1 / 256

const byteOrderMarkLittle = 0xfffe
const byteOrderMarkBig = 0xfeff

/**
 * The first 4 KiB of a text, each byte one character (UTF-16 is brought to UTF-8 first), or undefined if these bytes
 * are not text: valid UTF-8, UTF-16 with a byte order mark, or an older 8-bit encoding that has no control bytes at all.
 */
export function textSample(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  const mark = head.length >= 2 ? bytes.readUInt16BE(0) : 0
  if (mark === byteOrderMarkLittle || mark === byteOrderMarkBig) return utf16Sample(bytes, mark === byteOrderMarkBig)
  if (bytes.includes(0)) return undefined
  const sample = bytes.toString('latin1', 0, sampleLength)
  const { controls, high } = countUnusual(bytes.subarray(0, sampleLength))
  if (isUtf8(bytes) || isUtf8(withoutCutCharacter(bytes))) {
    return controls <= Math.ceil(sample.length * controlShare) ? sample : undefined
  }
  // Random bytes hold a control byte in every ten; short ones need plain letters as further evidence.
  const isLegacyText = controls === 0 && (sample.length >= 256 || high <= sample.length / 3)
  return isLegacyText ? sample : undefined
}

function utf16Sample(bytes: Buffer, isBigEndian: boolean): string | undefined {
  const units = Buffer.from(bytes.subarray(2, 2 + ((Math.min(bytes.length, sampleLength) - 2) & ~1)))
  const text = (isBigEndian ? units.swap16() : units).toString('utf16le')
  const encoded = Buffer.from(text)
  const isText = !encoded.includes(0) && countUnusual(encoded).controls === 0 && text.toWellFormed() === text
  return isText ? encoded.toString('latin1', 0, sampleLength) : undefined
}

function countUnusual(bytes: Uint8Array): { controls: number; high: number } {
  let controls = 0
  let high = 0
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    if (byte >= 0x20 && byte < 0x7f) continue
    if (byte >= 0x80) high++
    // Backspace, tab, line feed, vertical tab, form feed, carriage return and escape are found in texts.
    else if (byte === 0x7f || byte < 0x08 || (byte > 0x0d && byte !== 0x1b)) controls++
  }
  return { controls, high }
}

/** The head may end in the middle of a character. */
function withoutCutCharacter(bytes: Buffer): Buffer {
  for (let cut = 1; cut <= 3 && cut <= bytes.length; cut++) {
    const byte = bytes.at(-cut) ?? 0
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - cut)
    if (byte < 0x80) break
  }
  return bytes
}
