import { bytesAPiece, type FileBytes } from './file-bytes'
import type { TextEncoding } from './text-encoding'

/** Characters of one part: laid out within a frame. */
const charactersAPart = 16_384
/** Beyond it, a text is better opened with a program made for it. */
export const mostTextBytes = 16 * 1024 * 1024

/** The text of a file, part by part, each ending with a line where lines are not too long. */
export async function* textParts(bytes: FileBytes, encoding: TextEncoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  const end = Math.min(bytes.size, mostTextBytes)
  let rest = ''
  for (let piece = 0; piece * bytesAPiece < end; piece++) {
    rest += decoder.decode(await bytes.piece(piece), { stream: (piece + 1) * bytesAPiece < bytes.size })
    while (rest.length > charactersAPart) {
      const length = endOfPart(rest)
      yield rest.slice(0, length)
      rest = rest.slice(length)
    }
  }
  if (rest !== '') yield rest
}

/** Behind the last line end within a part, or at its full length; never within a character. */
function endOfPart(text: string): number {
  const line = text.lastIndexOf('\n', charactersAPart - 1) + 1
  if (line > charactersAPart / 2) return line
  const unit = text.charCodeAt(charactersAPart - 1)
  return unit >= 0xd800 && unit < 0xdc00 ? charactersAPart - 1 : charactersAPart
}
