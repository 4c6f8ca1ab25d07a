/*
 * Which pictures the preview shows, told from their bytes and never from their names, and how large they are when unpacked: a file of a few kilobytes
 * can ask for gigabytes of pixels, so the size is read from the header before the browser sees it.
 */

export const pictureTypes = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/bmp',
  'image/svg+xml',
] as const
export type PictureType = (typeof pictureTypes)[number]

/** Bytes of a file that are read for a picture. */
export const mostPictureBytes = 48_000_000
/** Drawings are text; a large one takes the browser long to draw. */
export const mostDrawingBytes = 4_000_000
export const mostPixels = 120_000_000

/** @param start the first bytes of the file, a few hundred at least */
export function pictureTypeOf(start: Uint8Array): PictureType | undefined {
  if (has(start, 0, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (has(start, 0, '\xff\xd8\xff')) return 'image/jpeg'
  if (has(start, 0, 'GIF87a') || has(start, 0, 'GIF89a')) return 'image/gif'
  if (has(start, 0, 'RIFF') && has(start, 8, 'WEBP')) return 'image/webp'
  if (has(start, 4, 'ftypavif') || has(start, 4, 'ftypavis')) return 'image/avif'
  if (has(start, 0, 'BM') && start.length > 30 && view(start).getUint32(14, true) >= 12) return isBitmap(start)
  return isDrawing(start) ? 'image/svg+xml' : undefined
}

/** Width and height in pixels; undefined where the header does not tell, and for drawings, which have none. */
export function pixelsOf(type: PictureType, bytes: Uint8Array): { width: number; height: number } | undefined {
  const data = view(bytes)
  try {
    switch (type) {
      case 'image/png':
        return { width: data.getUint32(16), height: data.getUint32(20) }
      case 'image/gif':
        return { width: data.getUint16(6, true), height: data.getUint16(8, true) }
      case 'image/bmp':
        return data.getUint32(14, true) === 12
          ? { width: data.getUint16(18, true), height: data.getUint16(20, true) }
          : { width: Math.abs(data.getInt32(18, true)), height: Math.abs(data.getInt32(22, true)) }
      case 'image/webp':
        return webpPixels(bytes, data)
      case 'image/jpeg':
        return jpegPixels(data)
      case 'image/avif':
        return avifPixels(bytes, data)
      case 'image/svg+xml':
        return undefined
    }
  } catch (error) {
    // A header that is cut off: the browser decides, and shows that it cannot.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function has(bytes: Uint8Array, offset: number, characters: string): boolean {
  for (let index = 0; index < characters.length; index++) {
    if (bytes[offset + index] !== characters.charCodeAt(index)) return false
  }
  return true
}

/** "BM" alone starts many a text; the header's size is one of a few. */
function isBitmap(start: Uint8Array): PictureType | undefined {
  return [12, 40, 52, 56, 64, 108, 124].includes(view(start).getUint32(14, true)) ? 'image/bmp' : undefined
}

function isDrawing(start: Uint8Array): boolean {
  const text = new TextDecoder().decode(start.subarray(0, 2048)).trimStart()
  return /^(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(text) && /<svg[\s>]/i.test(text)
}

function webpPixels(bytes: Uint8Array, data: DataView): { width: number; height: number } | undefined {
  if (has(bytes, 12, 'VP8X')) {
    return {
      width: 1 + (data.getUint32(24, true) & 0xffffff),
      height: 1 + ((data.getUint32(27, true) >>> 0) & 0xffffff),
    }
  }
  if (has(bytes, 12, 'VP8L')) {
    const bits = data.getUint32(21, true)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  if (has(bytes, 12, 'VP8 ')) {
    return { width: data.getUint16(26, true) & 0x3fff, height: data.getUint16(28, true) & 0x3fff }
  }
  return undefined
}

/** Walks the segments to the frame header (SOF0 to SOF15 without DHT, JPG and DAC; ITU T.81, B.2.2). */
function jpegPixels(data: DataView): { width: number; height: number } | undefined {
  let offset = 2
  while (offset + 9 < data.byteLength) {
    if (data.getUint8(offset) !== 0xff) return undefined
    const marker = data.getUint8(offset + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: data.getUint16(offset + 7), height: data.getUint16(offset + 5) }
    offset += marker === 0xff ? 1 : 2 + data.getUint16(offset + 2)
  }
  return undefined
}

/** The largest of the sizes that its items declare ('ispe'; ISO 23008-12, 6.5.3). */
function avifPixels(bytes: Uint8Array, data: DataView): { width: number; height: number } | undefined {
  let largest: { width: number; height: number } | undefined
  for (let offset = 0; offset < Math.min(bytes.length - 16, 65_536); offset++) {
    if (!has(bytes, offset, 'ispe')) continue
    const size = { width: data.getUint32(offset + 8), height: data.getUint32(offset + 12) }
    if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size
  }
  return largest
}
