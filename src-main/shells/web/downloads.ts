import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { escapeForDisplay } from '../../contract/display-name'
import { toLmzError } from '../../contract/error'
import type { OpenArchives } from '../window/open-archives'
import { answerError, protectingHeaders } from './response'

/** Few enough to be no burden on the engine's memory, enough to keep its answers from mattering. */
const pieceBytes = 1024 * 1024

/** Sends a file of an archive as a download, a piece at a time, as fast as the browser takes them. */
export async function answerEntry(
  response: ServerResponse,
  archives: OpenArchives,
  handle: number,
  entry: number,
): Promise<void> {
  const read = async (offset: number): Promise<Uint8Array> =>
    (await archives.call('read', handle, entry, offset, pieceBytes)) as Uint8Array
  try {
    const path = await archives.entryPath(handle, entry)
    // What cannot be read at all is an answer, and not a download that fails.
    const first = await read(0)
    response.writeHead(200, {
      ...protectingHeaders,
      'content-type': 'application/octet-stream',
      // A browser that showed it would show somebody's page as one of lmz.
      'content-disposition': `attachment; filename*=UTF-8''${encodeName(path.split('/').at(-1) ?? '')}`,
      'content-security-policy': "default-src 'none'; sandbox",
    })
    await pipeline(piecesFrom(first, read), response)
  } catch (thrown) {
    // Behind the first piece, only a broken connection tells the browser that the file is not whole.
    if (response.headersSent) response.destroy()
    else answerError(response, toLmzError(thrown, 'The file cannot be read'))
  }
}

async function* piecesFrom(
  first: Uint8Array,
  read: (offset: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let offset = 0
  for (let piece = first; piece.length > 0; piece = await read(offset)) {
    yield piece
    if (piece.length < pieceBytes) return
    offset += piece.length
  }
}

/** RFC 8187, ext-value; what turns the reading direction has no place in the name of a download either. */
export function encodeName(name: string): string {
  const plain = escapeForDisplay(name).replace(/[/\\]/g, '_')
  return encodeURIComponent(plain).replace(/['()*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}
