import { isUtf8 } from 'node:buffer'
import { sep } from 'node:path'

/**
 * A path as the operating system takes it: a string, or the exact bytes where a component is not valid UTF-8
 * (only POSIX systems have such names). Plain data, so it can be sent to a worker thread.
 */
export type OsPath = string | Uint8Array

const separatorByte = Buffer.from(sep)

/** The path of `name` in the directory `parent`; bytes as soon as one of the two is. */
export function joinOsPath(parent: OsPath, name: OsPath): OsPath {
  if (typeof parent === 'string' && typeof name === 'string') {
    return parent.endsWith(sep) ? parent + name : parent + sep + name
  }
  const parentBytes = asBytes(parent)
  const endsWithSeparator = parentBytes.at(-1) === separatorByte[0]
  return Buffer.concat([parentBytes, endsWithSeparator ? Buffer.alloc(0) : separatorByte, asBytes(name)])
}

/** The path in the form that `node:fs` takes; bytes that went through a message channel are a bare Uint8Array there. */
export function toFsPath(path: OsPath): string | Buffer {
  return typeof path === 'string' ? path : asBytes(path)
}

/** The path as a person reads it, see {@link showBytes}. */
export function showOsPath(path: OsPath): string {
  return typeof path === 'string' ? path : showBytes(path)
}

/**
 * A name's bytes as text: what is valid UTF-8 stays, every other byte becomes `\xE9` and the like.
 * Not reversible (a file may be called `\xE9` in plain letters); the exact bytes are kept beside it.
 */
export function showBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return asBytes(bytes).toString()
  let shown = ''
  for (let position = 0; position < bytes.length;) {
    const length = sequenceLength(bytes, position)
    if (length === 0) {
      shown += `\\x${(bytes[position] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`
      position++
    } else {
      shown += asBytes(bytes.subarray(position, position + length)).toString()
      position += length
    }
  }
  return shown
}

/** Bytes of the UTF-8 sequence that starts here; 0 if none does. */
function sequenceLength(bytes: Uint8Array, position: number): number {
  for (let length = 1; length <= 4 && position + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(position, position + length))) return length
  }
  return 0
}

function asBytes(path: OsPath): Buffer {
  return typeof path === 'string' ? Buffer.from(path) : Buffer.from(path.buffer, path.byteOffset, path.byteLength)
}
