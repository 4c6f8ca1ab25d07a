import { closeSync, constants, fstatSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { LmzError } from '../contract/error'
import type { DiskPath } from './disk-path'
import { creationError, systemCode } from './file-error'
import { setOpenFileMode } from './file-mode'
import { setOpenFileTime } from './file-times'

/*
 * Plain synchronous functions for worker threads. A staging path comes from a placement and crosses to the worker as it
 * is. It is good for one process, until the outlet commits or discards; all threads must be done with it by then.
 */

// O_NOFOLLOW does not exist on Windows, where O_EXCL alone refuses what is there already.
const noFollow = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0
const createNew = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | noFollow

export interface FileAttributes {
  /** POSIX mode; the permissions of owner, group and others are applied, regardless of the umask. */
  readonly mode: number
  /** Nanoseconds since 1970; kept to the microsecond. */
  readonly mtimeNs: bigint
  /** How messages call the file; its staging path would tell a user nothing. */
  readonly displayPath?: string | undefined
}

function nameOf(stagingPath: DiskPath, displayPath: string | undefined): string {
  // A path of bytes loses its Buffer methods on the way to another thread.
  return displayPath ?? Buffer.from(stagingPath as Uint8Array).toString()
}

/** Writes all of `data` at `fileOffset`, in as many calls as the system needs. */
function writeFully(descriptor: number, data: Uint8Array, fileOffset: number): void {
  let done = 0
  while (done < data.length) {
    const written = writeSync(descriptor, data, done, data.length - done, fileOffset + done)
    if (written === 0) throw new LmzError('Io', 'The system wrote nothing and gave no reason.')
    done += written
  }
}

function applyAttributes(descriptor: number, attributes: FileAttributes): void {
  setOpenFileMode(descriptor, attributes.mode)
  setOpenFileTime(descriptor, attributes.mtimeNs)
}

/**
 * Runs `work` with a new file; removes the file again if that fails, but never one that was there before.
 * Closing counts as part of the work: network file systems report a full disk only then.
 */
function withNewFile(stagingPath: DiskPath, work: (descriptor: number) => void): void {
  const descriptor = openSync(stagingPath, createNew, 0o600)
  let isOpen = true
  try {
    work(descriptor)
    isOpen = false
    closeSync(descriptor)
  } catch (error) {
    if (isOpen) closeSync(descriptor)
    try {
      unlinkSync(stagingPath)
    } catch {
      // The first error is the one that explains what happened; staging goes as a whole later.
    }
    throw error
  }
}

/**
 * Creates a file with its whole content, mode and time. Leaves nothing behind when it fails.
 *
 * @throws LmzError `Collision` (something is there), `NoSpace`, `Limit` (path too long), `Io`
 */
export function writeWholeFile(stagingPath: DiskPath, data: Uint8Array, attributes: FileAttributes): void {
  try {
    withNewFile(stagingPath, (descriptor) => {
      writeFully(descriptor, data, 0)
      applyAttributes(descriptor, attributes)
    })
  } catch (error) {
    throw creationError(error, 'Cannot write', nameOf(stagingPath, attributes.displayPath))
  }
}

/**
 * Creates an empty file whose content will come in pieces. Who gets no error here must call {@link finishFile} or
 * {@link dropFile} later; who gets one must call neither.
 *
 * @param size what the file will hold, in bytes
 * @throws LmzError as {@link writeWholeFile}, and `Limit` for a size that is no safe integer
 */
export function createFile(stagingPath: DiskPath, size: number, displayPath?: string): void {
  const path = nameOf(stagingPath, displayPath)
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new LmzError('Limit', `${path} claims an impossible size of ${size} bytes.`, { subject: path })
  }
  try {
    withNewFile(stagingPath, () => undefined)
  } catch (error) {
    throw creationError(error, 'Cannot write', path)
  }
}

/** Runs `work` with a file that {@link createFile} made. */
function withFile(stagingPath: DiskPath, displayPath: string | undefined, work: (descriptor: number) => void): void {
  try {
    const descriptor = openSync(stagingPath, constants.O_WRONLY | noFollow)
    try {
      work(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw creationError(error, 'Cannot write', nameOf(stagingPath, displayPath))
  }
}

/**
 * Writes one piece of a file that {@link createFile} made; pieces may come in any order and from several threads.
 *
 * @param fileOffset where the piece begins, in bytes
 * @throws LmzError `NoSpace`, `Io`
 */
export function writePiece(stagingPath: DiskPath, fileOffset: number, data: Uint8Array, displayPath?: string): void {
  withFile(stagingPath, displayPath, (descriptor) => writeFully(descriptor, data, fileOffset))
}

/**
 * Checks the size of a file written in pieces and gives it its mode and time. A file that fails here is still there:
 * {@link dropFile} it.
 *
 * @throws LmzError `Corrupt` when the pieces do not end at `size`, `Io`
 */
export function finishFile(stagingPath: DiskPath, attributes: FileAttributes & { readonly size: number }): void {
  withFile(stagingPath, attributes.displayPath, (descriptor) => {
    const { size } = fstatSync(descriptor)
    if (size !== attributes.size) {
      const path = nameOf(stagingPath, attributes.displayPath)
      const message = `${path} came out ${size} bytes long instead of ${attributes.size}.`
      throw new LmzError('Corrupt', message, { subject: path })
    }
    applyAttributes(descriptor, attributes)
  })
}

/** Removes a file that {@link createFile} made and that will not be finished; a file already gone is fine. */
export function dropFile(stagingPath: DiskPath): void {
  try {
    unlinkSync(stagingPath)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw creationError(error, 'Cannot remove', nameOf(stagingPath, undefined))
  }
}
