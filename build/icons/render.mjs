/**
 * Draws the icons: `node build/icons/render.mjs [path of a Chromium]`. Reads the four SVG files beside it and writes what the
 * installers want: PNG files by size for Linux, .ico for Windows, .icns for macOS. The results are kept in the repository, so that nobody
 * needs a browser to make a package. Sizes up to 24 pixels come from the drawings made for 16.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { icnsFile, icoFile } from './containers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
const linuxSizes = sizes.filter((size) => size <= 512)
const windowsSizes = sizes.filter((size) => size <= 256)

/* global Image, btoa, OffscreenCanvas */

/** Runs in the page: draws one SVG at one size. @returns a PNG and the plain pixels (RGBA), both in base64 */
async function draw({ svg, size }) {
  const image = new Image()
  image.src = `data:image/svg+xml;base64,${btoa(svg)}`
  await image.decode()
  const canvas = new OffscreenCanvas(size, size)
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0, size, size)
  const png = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
  return { png: png.toBase64(), pixels: new Uint8Array(context.getImageData(0, 0, size, size).data.buffer).toBase64() }
}

const browser = await chromium.launch({
  executablePath: process.argv[2] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  const page = await browser.newPage()
  for (const name of ['app', 'document']) {
    const images = new Map()
    for (const size of sizes) {
      const source = readFileSync(join(here, `${name}${size <= 24 ? '-small' : ''}.svg`), 'utf8')
      // Without a size of its own, an SVG is drawn in 300 by 150 pixels first.
      const svg = source.replace('<svg ', `<svg width="${size}" height="${size}" `)
      const { png, pixels } = await page.evaluate(draw, { svg, size })
      images.set(size, { size, png: Buffer.from(png, 'base64'), pixels: Buffer.from(pixels, 'base64') })
    }
    const folder = join(here, name)
    mkdirSync(folder, { recursive: true })
    for (const size of linuxSizes) writeFileSync(join(folder, `${size}x${size}.png`), images.get(size).png)
    writeFileSync(join(here, `${name}.ico`), icoFile(windowsSizes.map((size) => images.get(size))))
    writeFileSync(join(here, `${name}.icns`), icnsFile(images))
  }
} finally {
  await browser.close()
}
