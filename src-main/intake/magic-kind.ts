import type { ContentKind } from '../contract/content-kind'
import { hasHeaderMagic } from '../format/header'
import { extensionOf } from './name-kind'

/** Binary formats by their first bytes (written as Latin-1), the common ones first. */
const signatures: readonly (readonly [ContentKind, number, string])[] = [
  ['media', 0, '\xFF\xD8\xFF'], // JPEG
  ['media', 0, '\x89PNG\r\n'],
  ['media', 0, 'GIF8'],
  ['compressed', 0, '\x1F\x8B\x08'], // gzip
  ['compressed', 0, 'BZh'],
  ['compressed', 0, '\xFD7zXZ\0'],
  ['compressed', 0, '\x28\xB5\x2F\xFD'], // zstd
  ['compressed', 0, '\x04\x22\x4D\x18'], // LZ4 frame
  ['compressed', 0, '7z\xBC\xAF\x27\x1C'],
  ['compressed', 0, 'Rar!\x1A\x07'],
  ['compressed', 0, '%PDF-'],
  ['executable', 0, '\x7FELF'],
  ['executable', 0, 'MZ'],
  ['executable', 0, '\0asm'],
  ['executable', 0, '\xFE\xED\xFA\xCE'], // Mach-O, 32 and 64 bits, both byte orders
  ['executable', 0, '\xFE\xED\xFA\xCF'],
  ['executable', 0, '\xCE\xFA\xED\xFE'],
  ['executable', 0, '\xCF\xFA\xED\xFE'],
  ['executable', 0, '\xCA\xFE\xBA\xBE'], // Mach-O for several processors, and Java classes
  ['executable', 0, 'dex\n0'],
  ['executable', 0, '\x1BLua'],
  ['executable', 0, 'BC\xC0\xDE'], // LLVM bitcode
  ['compressed', 0, '!<arch>\ndebian-binary'],
  ['executable', 0, '!<arch>\n'], // static library
  ['media', 4, 'ftyp'], // MP4, MOV, HEIC, AVIF
  ['media', 8, 'WEBP'],
  ['media', 8, 'AVI '],
  ['binary', 8, 'WAVE'],
  ['media', 0, 'ID3'],
  ['media', 0, 'OggS'],
  ['media', 0, 'fLaC'],
  ['media', 0, '\x1A\x45\xDF\xA3'], // Matroska, WebM
  ['image', 0, 'II*\0'], // TIFF
  ['image', 0, 'MM\0*'],
  ['image', 0, '8BPS'], // Photoshop
  ['tensor', 0, '\x93NUMPY'],
  ['tensor', 0, 'GGUF'],
  ['tensor', 0, '\x89HDF\r\n\x1A\n'],
  ['tensor', 4, 'TFL3'],
  ['binary', 0, 'SQLite format 3\0'],
  ['binary', 257, 'ustar'],
]

const zipSignature = 'PK\x03\x04'
const maximumSafetensorsHeader = 100_000_000

/** The kind of binary content by signatures of our own: synchronous, a few microseconds; undefined if none fits. */
export function kindOfMagic(head: Uint8Array, name: string): ContentKind | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  if (hasHeaderMagic(bytes)) return 'compressed'
  const beginning = bytes.toString('latin1', 0, Math.min(bytes.length, 512))
  if (beginning.startsWith(zipSignature)) return kindOfZip(bytes)
  for (const [kind, offset, signature] of signatures) if (beginning.startsWith(signature, offset)) return kind
  if (isBitmap(bytes) || /^P[4-7][\s#]/.test(beginning)) return 'image'
  if (isMpegAudio(bytes) && ['mp3', 'mp2', 'aac'].includes(extensionOf(name))) return 'media'
  if (isSafetensors(bytes) || isModel(bytes, extensionOf(name))) return 'tensor'
  return isPythonBytecode(bytes) ? 'executable' : undefined
}

/** NumPy's npz and PyTorch's files are zip archives that store their arrays uncompressed. */
function kindOfZip(bytes: Buffer): ContentKind {
  if (bytes.length < 30) return 'compressed'
  const isStored = bytes.readUInt16LE(8) === 0
  const firstName = bytes.toString('latin1', 30, Math.min(bytes.length, 30 + bytes.readUInt16LE(26)))
  return isStored && /\.npy$|\/(data\.pkl|version|\.format_version|byteorder)$/.test(firstName)
    ? 'tensor'
    : 'compressed'
}

/** "BM", two reserved words of zero, and a header size that some version of Windows wrote. */
function isBitmap(bytes: Buffer): boolean {
  if (bytes.length < 18 || bytes.readUInt16BE(0) !== 0x424d || bytes.readUInt32LE(6) !== 0) return false
  return [12, 40, 52, 56, 64, 108, 124].includes(bytes.readUInt32LE(14))
}

/** Eleven bits of frame synchronisation; too few to trust without the name. */
function isMpegAudio(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes.readUInt16BE(0) >= 0xffe0
}

/** https://huggingface.co/docs/safetensors: the length of a JSON header in eight bytes, then the header. */
function isSafetensors(bytes: Buffer): boolean {
  if (bytes.length < 10 || bytes.readUInt32LE(4) !== 0 || bytes.readUInt32LE(0) > maximumSafetensorsHeader) return false
  return /^\{\s*["}]/.test(bytes.toString('latin1', 8, 16))
}

/** ONNX is bare protobuf (field 1, the version, a small number, comes first); PyTorch's old format is a bare pickle. */
function isModel(bytes: Buffer, extension: string): boolean {
  if (extension === 'onnx') return bytes[0] === 0x08 && (bytes[1] ?? 0xff) < 0x20
  return ['pt', 'pth', 'ckpt', 'bin'].includes(extension) && bytes[0] === 0x80 && bytes[1] === 0x02
}

/** CPython 3: two bytes of version, CR LF, then flags of which only the lowest two bits are used. */
function isPythonBytecode(bytes: Buffer): boolean {
  return bytes.length >= 16 && bytes.readUInt16LE(2) === 0x0a0d && bytes.readUInt32LE(4) < 4 && (bytes[1] ?? 0) <= 0x0f
}
