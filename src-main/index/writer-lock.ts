import { createHash } from 'node:crypto'
import { type BigIntStats, lstatSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { LmzError, toLmzError } from '../contract/error'
import { fromSqlite, isBusy } from './sqlite-error'

/** Names of files have 255 bytes on most systems. */
const longestPlainName = 240
/** Each attempt can only fail because another program released its lock at that very moment. */
const mostAttempts = 20

/**
 * The right to change an archive, for one writer at a time: in this process, its worker threads, or any other process.
 *
 * It is SQLite's exclusive lock on an empty file beside the archive, `.photos.lmz.lock`, so the kernel takes it back when
 * its holder dies, however that happens; what is left then is an empty file that does not stand for anything.
 */
export class WriterLock {
  /** The archive with all symlinks resolved: the file that must be opened and replaced. */
  readonly archivePath: string
  readonly lockPath: string
  #held: HeldFile | undefined

  private constructor(archivePath: string, lockPath: string, held: HeldFile) {
    this.archivePath = archivePath
    this.lockPath = lockPath
    this.#held = held
  }

  /**
   * Takes the lock at once or not at all.
   * @param path the archive, which need not exist yet; its folder must
   * @throws LmzError `Busy` while another writer has it, `NotFound` for a folder that does not exist, `Io` for one that allows
   *   no new file, or whose file system has no locks
   */
  static acquire(path: string): WriterLock {
    const archivePath = resolveArchive(path)
    const lockPath = lockPathFor(archivePath)
    const name = basename(archivePath)
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const held = tryLock(lockPath, name)
      if (held !== undefined) return new WriterLock(archivePath, lockPath, held)
    }
    throw busy(name)
  }

  /** Gives the lock back and removes its file. May be called again. */
  release(): void {
    const held = this.#held
    this.#held = undefined
    if (held === undefined) return
    // While the lock is still held, so that it cannot be somebody else's by now. Windows removes no open file: there it goes
    // after, and stays if another writer has opened it in between.
    removeLockFile(this.lockPath, held.stats)
    held.database.close()
    if (process.platform === 'win32') removeLockFile(this.lockPath, held.stats)
  }
}

interface HeldFile {
  readonly database: Database.Database
  readonly stats: BigIntStats
}

/**
 * One attempt. Another writer removes its lock file when it is done, so the file that was opened may no longer be the one at
 * the path, and a lock on it would exclude nobody. Hence the comparison: the open file keeps its inode number from being
 * used again, so if the path had that number before the file was opened and has it now, it is the locked one.
 * @returns undefined to try again
 */
function tryLock(lockPath: string, name: string): HeldFile | undefined {
  const before = statOf(lockPath)
  if (before !== undefined && !(before.isFile() && before.size === 0n)) {
    throw new LmzError('Io', `Cannot lock ${name}: something else stands in the place of its lock file.`, {
      subject: lockPath,
    })
  }
  let database: Database.Database | undefined
  try {
    database = new Database(lockPath, { timeout: 0 })
    if (before !== undefined) {
      database.pragma('journal_mode = MEMORY')
      database.exec('BEGIN EXCLUSIVE')
      const after = statOf(lockPath)
      if (after !== undefined && isSameFile(before, after)) return { database, stats: after }
    }
  } catch (cause) {
    database?.close()
    if (isBusy(cause)) throw busy(name)
    throw lockError(cause, name)
  }
  // Either the file has only now been made, by opening it, or it was replaced.
  database.close()
  return undefined
}

function isSameFile(left: BigIntStats, right: BigIntStats): boolean {
  return left.dev === right.dev && left.ino === right.ino && left.birthtimeNs === right.birthtimeNs
}

function statOf(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })
}

function lockPathFor(archivePath: string): string {
  const name = basename(archivePath)
  const isShort = Buffer.byteLength(name) <= longestPlainName
  const stem = isShort ? name : createHash('sha256').update(name).digest('hex')
  return join(dirname(archivePath), `.${stem}.lock`)
}

/** Two ways to name an archive must lead to one lock. */
function resolveArchive(path: string): string {
  try {
    if (statOf(path) !== undefined) return realpathSync.native(path)
    return join(realpathSync.native(dirname(path)), basename(path))
  } catch (cause) {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    throw toLmzError(
      cause,
      isLink ? `Cannot follow the link ${path}` : `Cannot reach the folder ${dirname(path)}`,
      path,
    )
  }
}

function removeLockFile(path: string, held: BigIntStats): void {
  try {
    const found = statOf(path)
    if (found !== undefined && isSameFile(found, held)) rmSync(path)
  } catch {
    // An empty lock file that nobody holds does no harm.
  }
}

function busy(name: string): LmzError {
  return new LmzError('Busy', `${name} is being changed by another program. Try again when it is done.`, {
    subject: name,
  })
}

function lockError(cause: unknown, name: string): LmzError {
  const error = fromSqlite(cause, `Cannot lock ${name}`)
  if (!(cause instanceof Database.SqliteError) || !/^SQLITE_(CANTOPEN|READONLY|PERM)/.test(cause.code)) return error
  return new LmzError('Io', `Cannot change ${name}: its folder does not allow new files.`, { subject: name, cause })
}
