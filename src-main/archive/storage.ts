import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LmzError, toLmzError } from '../contract/error'
import type { FrameSource } from '../format/frame-reader'
import { carryMark } from '../outlet/download-mark/system-marks'
import type { Encryption } from './encryption/encryption'

/**
 * The few file operations archives are read and written with. Tests put faults between the archive and the disk here;
 * the real ones are {@link diskStorage}.
 */
export interface Storage {
  /** Opens a file for reading and keeps this very file: a later rename over the path does not disturb the reader. */
  openSource(path: string): ArchiveSource
  /** Opens an existing file for appending at its end. */
  openForAppend(path: string): Promise<ArchiveSink>
  /** Creates an empty file; fails if something of that name exists. */
  createSink(path: string): Promise<ArchiveSink>
  /** Puts a finished file in place of `target` (or at it), with its permissions and its mark as downloaded, and makes the new name durable. */
  rename(from: string, target: string): Promise<void>
  /** Like rename, but fails with `Collision` when something stands at the target. */
  renameNew(from: string, target: string): Promise<void>
  remove(path: string): Promise<void>
}

export interface ArchiveSource extends FrameSource {
  /** The descriptor, valid in worker threads of this process too, for as long as the source is open. */
  readonly descriptor: number
  /** Of an encrypted archive that was opened with its password. */
  readonly encryption?: Encryption | undefined
  /** Whether the newest commit's key slots were found whole; if not, an older or damaged copy of them was used. */
  readonly isSlotsCurrent?: boolean | undefined
  /** Whether the file has become shorter since it was opened: a writer gave up a change and took back what it had appended. */
  hasShrunk(): boolean
  close(): void
}

export interface ArchiveSink {
  /** Where the next byte goes. */
  readonly position: number
  append(...parts: readonly Uint8Array[]): Promise<void>
  /** Makes everything appended so far durable. A failure is final: the caller must give the commit up. */
  sync(): Promise<void>
  /** Drops what was appended after `length`, which this sink wrote itself. */
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

export const diskStorage: Storage = {
  openSource: (path) => new DiskSource(path),
  openForAppend: (path) => DiskSink.open(path, fs.constants.O_RDWR),
  createSink: (path) => DiskSink.open(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL),
  async rename(from, target) {
    const old = await fs.promises.stat(target).catch(() => undefined)
    if (old !== undefined) {
      carryMark(target, from)
      await fs.promises.chmod(from, old.mode & 0o777)
    }
    await fs.promises.rename(from, target)
    await syncDirectory(dirname(target))
  },
  async renameNew(from, target) {
    // link() refuses an existing name in one step, where "look, then rename" could overwrite; not all file systems link.
    try {
      await fs.promises.link(from, target)
      await fs.promises.unlink(from)
    } catch (cause) {
      if (fs.existsSync(target)) {
        throw new LmzError('Collision', `${basename(target)} already exists; it was left as it is.`, { cause })
      }
      await fs.promises.rename(from, target)
    }
    await syncDirectory(dirname(target))
  },
  remove: (path) => fs.promises.rm(path, { force: true }),
}

/** A name beside `target` for its unfinished successor: same folder, so that a rename makes it real. */
export function unfinishedPath(target: string): string {
  // What an unfinished file needs beside it goes away with it, when what was killed is tidied up.
  const stem = unfinishedName.exec(basename(target))?.[1] ?? unfinishedStem(target)
  return join(dirname(target), `${stem}${randomBytes(4).toString('hex')}.part`)
}

const unfinishedName = /^(\..*\.)[0-9a-f]{8}\.part$/s

/** Removes what killed jobs left beside `target`; whoever holds the writer's lock knows that nobody is using it. */
export function removeUnfinished(target: string): void {
  const stem = unfinishedStem(target)
  try {
    for (const name of fs.readdirSync(dirname(target))) {
      const isUnfinished = name.startsWith(stem) && /^[0-9a-f]{8}\.part$/.test(name.slice(stem.length))
      if (isUnfinished) fs.rmSync(join(dirname(target), name), { force: true })
    }
  } catch {
    // What cannot be removed only takes room.
  }
}

/** Bytes of a name that an unfinished file's can have in it: names of files have 255 on most systems. */
const longestStem = 200

/** Of a long name the hash: a part of it would be that of another archive's unfinished file too, which would then be removed with it. */
function unfinishedStem(target: string): string {
  const name = basename(target)
  const isShort = Buffer.byteLength(name) <= longestStem
  return `.${isShort ? name : createHash('sha256').update(name).digest('hex')}.`
}

/**
 * Reads exactly `length` bytes of an open file; usable from any thread.
 * @throws LmzError `Corrupt` when the file is shorter, `Io`
 */
export function readExactly(descriptor: number, position: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const count = fs.readSync(descriptor, bytes, filled, length - filled, position + filled)
    if (count === 0) {
      throw new LmzError('Corrupt', `The archive ends at byte ${position + filled}, in the middle of a record.`, {
        offset: position,
      })
    }
    filled += count
  }
  return bytes
}

/** O_NONBLOCK: to open a named pipe must not wait for a writer; it means nothing for files. Windows has none of both. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- undefined on Windows, whatever the types say
const openFlags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)

class DiskSource implements ArchiveSource {
  readonly descriptor: number
  readonly size: number
  #isOpen = true

  constructor(path: string) {
    try {
      this.descriptor = fs.openSync(path, openFlags)
    } catch (cause) {
      throw toLmzError(cause, `Cannot open ${path}`, path)
    }
    const status = fs.fstatSync(this.descriptor)
    if (!status.isFile()) {
      this.close()
      throw new LmzError('Format', `${path} is not a file.`, { subject: path })
    }
    this.size = status.size
  }

  read(position: number, length: number): Uint8Array {
    return readExactly(this.descriptor, position, length)
  }

  hasShrunk(): boolean {
    return fs.fstatSync(this.descriptor).size < this.size
  }

  close(): void {
    if (this.#isOpen) fs.closeSync(this.descriptor)
    this.#isOpen = false
  }
}

class DiskSink implements ArchiveSink {
  readonly #file: FileHandle
  #position: number

  private constructor(file: FileHandle, position: number) {
    this.#file = file
    this.#position = position
  }

  static async open(path: string, flags: number): Promise<DiskSink> {
    try {
      const file = await open(path, flags, 0o666)
      return new DiskSink(file, (await file.stat()).size)
    } catch (cause) {
      throw toLmzError(cause, `Cannot write ${path}`, path)
    }
  }

  get position(): number {
    return this.#position
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      let written = 0
      while (written < part.length) {
        const { bytesWritten } = await this.#file.write(part, written, part.length - written, this.#position)
        // Nothing can be done about it, and to go on asking would never end.
        if (bytesWritten === 0) throw new LmzError('Io', 'The system wrote nothing and gave no reason.')
        written += bytesWritten
        this.#position += bytesWritten
      }
    }
  }

  async sync(): Promise<void> {
    await this.#file.sync()
  }

  async truncate(length: number): Promise<void> {
    await this.#file.truncate(length)
    this.#position = length
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a folder for this; its file systems journal the rename.
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
