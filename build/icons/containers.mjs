/** The two icon containers of Windows and macOS, made of images that have been drawn already. */

/**
 * An .ico file. Sizes below 256 are plain bitmaps, which everything that reads icons understands; 256 is a PNG, as is usual.
 * @param images { size, png, pixels } each; pixels are RGBA from the top row down
 */
export function icoFile(images) {
  const parts = images.map((image) => (image.size < 256 ? bitmap(image) : image.png))
  const header = Buffer.alloc(6 + 16 * images.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(images.length, 4)
  let offset = header.length
  for (const [number, { size }] of images.entries()) {
    const at = 6 + 16 * number
    header.writeUInt8(size % 256, at)
    header.writeUInt8(size % 256, at + 1)
    header.writeUInt16LE(1, at + 4)
    header.writeUInt16LE(32, at + 6)
    header.writeUInt32LE(parts[number].length, at + 8)
    header.writeUInt32LE(offset, at + 12)
    offset += parts[number].length
  }
  return Buffer.concat([header, ...parts])
}

/** BITMAPINFOHEADER, rows from the bottom up as BGRA, then a mask of one bit a pixel that says nothing: alpha does. */
function bitmap({ size, pixels }) {
  const maskRow = Math.ceil(size / 32) * 4
  const bytes = Buffer.alloc(40 + size * size * 4 + maskRow * size)
  bytes.writeUInt32LE(40, 0)
  bytes.writeInt32LE(size, 4)
  bytes.writeInt32LE(size * 2, 8) // Picture and mask together.
  bytes.writeUInt16LE(1, 12)
  bytes.writeUInt16LE(32, 14)
  bytes.writeUInt32LE(size * size * 4 + maskRow * size, 20)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const from = (row * size + column) * 4
      const to = 40 + ((size - 1 - row) * size + column) * 4
      bytes.set([pixels[from + 2], pixels[from + 1], pixels[from], pixels[from + 3]], to)
    }
  }
  return bytes
}

/** Element types of .icns that hold a PNG, and the pixels of each; a type for double density repeats the size of another. */
const icnsTypes = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 }

/** An .icns file. @param images from size in pixels to { png } */
export function icnsFile(images) {
  const elements = Object.entries(icnsTypes).flatMap(([type, size]) => {
    const { png } = images.get(size)
    return [icnsHeader(type, png.length), png]
  })
  const length = elements.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([icnsHeader('icns', length), ...elements])
}

function icnsHeader(type, contentLength) {
  const header = Buffer.alloc(8)
  header.write(type, 'latin1')
  header.writeUInt32BE(contentLength + 8, 4)
  return header
}
