import { escapeForDisplay } from '../contract/display-name'
import { LmzError } from '../contract/error'
import { longestComponent, safeName, safeRawName, type SafeComponent } from './safe-name'

/** Enough for any folder a person looks after, and an end to the search in one that an attacker fills. */
export const highestNumber = 9999

/**
 * "photo (2).jpg" for "photo.jpg": the number goes before the extension of a file, and behind the name of a folder. A name that
 * becomes too long loses the end of its stem.
 */
export function numberedName(name: SafeComponent, number: number, isDirectory: boolean): SafeComponent {
  const isText = typeof name === 'string'
  // Each byte becomes one character, so that names of any bytes can be cut and joined as text.
  const bytes = isText ? Buffer.from(name as string) : (name as Buffer)
  const text = bytes.toString('latin1')
  const dot = isDirectory ? -1 : text.lastIndexOf('.')
  const extension = dot > 0 && text.length - dot <= 32 ? text.slice(dot) : ''
  const suffix = ` (${number})${extension}`
  const stem = cutStem(text.slice(0, text.length - extension.length), longestComponent - suffix.length)
  const result = Buffer.from(stem + suffix, 'latin1')
  return isText ? safeName(result.toString('utf8')) : safeRawName(result)
}

/**
 * The numbered forms of a name, from 2 on.
 *
 * @throws LmzError `Collision` after {@link highestNumber}
 */
export function* numberedNames(name: SafeComponent, isDirectory: boolean): Generator<SafeComponent, never> {
  for (let number = 2; number <= highestNumber; number += 1) yield numberedName(name, number, isDirectory)
  const shown = escapeForDisplay(name.toString())
  throw new LmzError('Collision', `All names from "${shown} (2)" to "(${highestNumber})" are taken.`)
}

/** At most `length` bytes, without half a UTF-8 character at the end. */
function cutStem(stem: string, length: number): string {
  if (stem.length <= length) return stem
  let end = length
  while (end > 0 && (stem.charCodeAt(end) & 0xc0) === 0x80) end -= 1
  return stem.slice(0, end)
}
