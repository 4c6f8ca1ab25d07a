import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { Random } from '../../support/random'

/** Paths and contents of a folder; a folder without anything in it as `undefined`. */
export type Files = Readonly<Record<string, string | Uint8Array | undefined>>

export function writeFiles(folder: string, files: Files): string {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path)
    mkdirSync(content === undefined ? target : dirname(target), { recursive: true })
    if (content !== undefined) writeFileSync(target, content)
  }
  return folder
}

/** All files below a folder with their bytes, by their paths. */
export function filesBelow(folder: string): Record<string, Buffer> {
  const found: Record<string, Buffer> = {}
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry)
    if (statSync(path).isFile()) found[relative(folder, path)] = readFileSync(path)
  }
  return found
}

/** A picture of one colour, as a PNG (W3C, third edition). */
export function picture(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const line = Buffer.concat([Buffer.from([0]), Buffer.from('21918c'.repeat(width), 'hex')])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, part('IHDR', header), part('IDAT', pixels), part('IEND', Buffer.alloc(0))])
}

function part(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** Text that compresses as prose does, so that it keeps a strong preset busy: about a second a megabyte. */
export function prose(bytes: number, seed = 1): string {
  const random = new Random(seed)
  const words =
    'the a model byte window archive reads writes and of in quickly small large folder file with no yet'.split(' ')
  const lines: string[] = []
  for (let length = 0; length < bytes;) {
    const line = `${Array.from({ length: 12 }, () => words[random.below(words.length)]).join(' ')} ${random.below(1e6)}.\n`
    lines.push(line)
    length += line.length
  }
  return lines.join('').slice(0, bytes)
}

/** A small project: text, code, a picture, bytes of no kind, folders in folders. */
export function project(): Files {
  return {
    'readme.md': '# Project\n\nGrüße, 世界.\n',
    'notes.txt': prose(30_000),
    'logo.png': picture(64, 48),
    'data.bin': new Random(7).bytes(5000),
    'empty.txt': '',
    'docs/guide.md': prose(4000, 2),
    'docs/images/small.png': picture(8, 8),
    'src/engine/jobs.ts': 'export const jobs = []\n'.repeat(200),
    'src/engine/queue.ts': 'export const queue = new Map()\n'.repeat(50),
    'src/format/header.ts': 'export const magic = "LMZ"\n',
  }
}
