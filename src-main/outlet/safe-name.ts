import { escapeForDisplay } from '../contract/display-name'
import { LmzError } from '../contract/error'

declare const checked: unique symbol
/** One path component that has been through this file; nothing else may be joined to a path. */
export type SafeComponent = (string | Buffer) & { readonly [checked]: true }

/** The longest component: bytes on POSIX systems, UTF-16 units on Windows (NTFS) and macOS. */
export const longestComponent = 255

const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$/i
const onlyDotsAndSpaces = /^[. ]*$/
// eslint-disable-next-line no-control-regex -- Windows allows none of these in a name
const forbiddenOnWindows = /[\u0000-\u001f<>"|?*]/g

function unsafe(name: string, reason: string): LmzError {
  const shown = escapeForDisplay(name)
  return new LmzError('UnsafePath', `The name "${shown}" is not safe: ${reason}.`, { subject: name })
}

/**
 * Refuses what is no single component, and what a Windows program would read as absolute, as a drive, as a stream that
 * marks downloads as trusted, or as a step upwards. Applied on every system: an archive travels.
 */
function refuseUnsafe(name: string): void {
  if (name === '') throw unsafe(name, 'it is empty')
  if (name.includes('/') || name.includes('\0')) throw unsafe(name, 'it holds a "/" or a NUL character')
  // Windows drops trailing dots and spaces, which leaves nothing, "." or ".." of such a name.
  if (onlyDotsAndSpaces.test(name)) throw unsafe(name, 'nothing but dots and spaces')
  if (/^[a-z]:/i.test(name)) throw unsafe(name, 'Windows would read it as a drive')
  if (name.startsWith('\\')) throw unsafe(name, 'Windows would read it as an absolute path')
  if (/:zone\.identifier/i.test(name)) throw unsafe(name, 'it would overwrite the mark of downloaded files')
  if (name.includes('\\') && name.split('\\').some((step) => step !== '' && onlyDotsAndSpaces.test(step))) {
    throw unsafe(name, 'Windows would read a step upwards in it')
  }
}

/** What Windows can store under this name, changed as little as possible. */
function forWindows(name: string): string {
  if (name.includes(':')) throw unsafe(name, 'Windows would write a hidden stream instead of a file')
  if (name.includes('\\')) throw unsafe(name, 'Windows would read it as a path of several folders')
  const stem = (name.split('.', 1)[0] ?? '').trimEnd()
  const storable = name.replace(forbiddenOnWindows, '_').replace(/[. ]+$/, (tail) => '_'.repeat(tail.length))
  return deviceName.test(stem) ? `_${storable}` : storable
}

/**
 * Checks a name from an archive and returns the component to create on `platform`.
 *
 * On Windows, forbidden characters and trailing dots and spaces become `_`, and names of devices get a leading `_`;
 * elsewhere the name is unchanged, but for halves of surrogate pairs, which no POSIX path can hold.
 *
 * @throws LmzError `UnsafePath` for what is not one plain component, `Limit` for more than {@link longestComponent}
 */
export function safeName(name: string, platform: NodeJS.Platform = process.platform): string & SafeComponent {
  // First of all, so that nothing below ever looks at a huge text. No system counts fewer than UTF-16 units.
  if (name.length > longestComponent) throw nameTooLong(name, name.length)
  refuseUnsafe(name)
  const result = platform === 'win32' ? forWindows(name) : name.toWellFormed()
  const length = platform === 'win32' || platform === 'darwin' ? result.length : Buffer.byteLength(result)
  if (length > longestComponent) throw nameTooLong(name, length)
  return result as string & SafeComponent
}

/**
 * The same for a name whose exact bytes are not valid UTF-8; for POSIX systems that take any bytes (not macOS).
 *
 * @throws LmzError as {@link safeName}
 */
export function safeRawName(rawName: Uint8Array): Buffer & SafeComponent {
  if (rawName.length > longestComponent) throw nameTooLong(Buffer.from(rawName).toString(), rawName.length)
  const bytes = Buffer.from(rawName)
  // Latin-1 maps each byte to one character and leaves ASCII as it is, which is all that the rules look at.
  refuseUnsafe(bytes.toString('latin1'))
  return bytes as Buffer & SafeComponent
}

function nameTooLong(name: string, length: number): LmzError {
  const shown = escapeForDisplay(name.slice(0, 40))
  return new LmzError('Limit', `The name "${shown}…" is ${length} long; this system allows ${longestComponent}.`, {
    subject: name,
  })
}
