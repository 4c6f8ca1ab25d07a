import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LmzError, toLmzError } from '../../contract/error'

const nameOfProcess = /^(\d+)-[0-9a-f]{16}$/

/**
 * A folder that nobody but the user can look into, for uploads and for files taken out to be opened. It goes away with the process;
 * what a process left that was killed is removed when the next one starts.
 *
 *     <base>/<process id>-<random>/<random>/...
 */
export class PrivateFolder {
  readonly path: string

  /** @throws LmzError `Io` where the base belongs to somebody else, `NoSpace` */
  constructor(base: string) {
    try {
      mkdirSync(base, { recursive: true, mode: 0o700 })
      refuseForeign(base)
      removeLeftovers(base)
      this.path = join(base, `${process.pid}-${randomBytes(8).toString('hex')}`)
      mkdirSync(this.path, { mode: 0o700 })
    } catch (thrown) {
      throw toLmzError(thrown, `Cannot make a folder for temporary files in ${base}`, base)
    }
  }

  /** A new, empty folder in it. */
  newFolder(): string {
    const path = join(this.path, randomBytes(16).toString('hex'))
    try {
      mkdirSync(path, { mode: 0o700 })
    } catch (thrown) {
      throw toLmzError(thrown, 'Cannot make a folder for temporary files', path)
    }
    return path
  }

  /** Removes it with everything in it. Synchronous, so that it can be the last thing a process does. */
  remove(): void {
    removeTree(this.path)
  }
}

/** Whoever else owned the folder above could put another one in the place of ours. */
function refuseForeign(base: string): void {
  const found = lstatSync(base)
  const user = process.getuid?.()
  if (!found.isDirectory() || (user !== undefined && found.uid !== user)) {
    throw new LmzError('Io', `${base} is not a folder of this user's own.`, { subject: base })
  }
  if (user !== undefined && (found.mode & 0o077) !== 0) chmodSync(base, 0o700)
}

function removeLeftovers(base: string): void {
  for (const name of readdirSync(base)) {
    const id = Number(nameOfProcess.exec(name)?.[1])
    if (!Number.isInteger(id) || isRunning(id)) continue
    removeTree(join(base, name))
  }
}

/** Another process may have got the number; then what is left stays until that one has ended. */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function removeTree(path: string): void {
  // Programs on Windows hold files open for a moment after they have ended.
  const remove = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  try {
    remove()
  } catch {
    try {
      unseal(path)
      remove()
    } catch {
      // Still open in the program that was given it: the next start removes it.
    }
  }
}

/** Folders may come out of an archive without the right to change them. */
function unseal(folder: string): void {
  chmodSync(folder, 0o700)
  for (const one of readdirSync(folder, { withFileTypes: true })) if (one.isDirectory()) unseal(join(folder, one.name))
}
