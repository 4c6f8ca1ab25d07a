import { chmodSync, closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs'
import { below, type DiskPath } from './disk-path'
import { setMode } from './file-mode'
import { setTime } from './file-times'
import type { SafeComponent } from './safe-name'

/** Linux: refer to a directory without opening it for reading, which needs no permission to list it. Not in node:fs. */
const pathOnly = 0o10_000_000

/**
 * A directory held in such a way that nobody can put another one, or a link, in its place while work goes on below it.
 *
 * Linux: a descriptor, reached as `/proc/self/fd/N`, which makes any call of `node:fs` what `openat` and its kin are in C.
 * Elsewhere, and without `/proc`, it is the plain path, and safety rests on staging being private.
 */
export class Anchor {
  /** Starts every path below this directory; good until {@link close}, and only in this process. */
  readonly path: DiskPath
  readonly #descriptor: number | undefined

  private constructor(path: DiskPath, descriptor: number | undefined) {
    this.path = path
    this.#descriptor = descriptor
  }

  /** Holds a directory that the user named; a link that leads to it is followed. */
  static hold(path: string): Anchor {
    return Anchor.#open(path, true)
  }

  /**
   * Holds a directory inside this one.
   *
   * @throws a system error, `ENOTDIR` when a link or a file stands there
   */
  step(component: SafeComponent): Anchor {
    return Anchor.#open(below(this.path, component), false)
  }

  static #open(path: DiskPath, mayBeLink: boolean): Anchor {
    if (process.platform !== 'linux') return Anchor.#withoutDescriptor(path, mayBeLink)
    const flags = pathOnly | constants.O_DIRECTORY | (mayBeLink ? 0 : constants.O_NOFOLLOW)
    const descriptor = openSync(path, flags)
    const held = `/proc/self/fd/${descriptor}`
    try {
      readlinkSync(held)
      return new Anchor(held, descriptor)
    } catch {
      closeSync(descriptor)
      return Anchor.#withoutDescriptor(path, mayBeLink)
    }
  }

  static #withoutDescriptor(path: DiskPath, mayBeLink: boolean): Anchor {
    if (!mayBeLink && !lstatSync(path).isDirectory()) {
      throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' })
    }
    return new Anchor(path, undefined)
  }

  /** False when the directory is not ours alone: another user made it, or may enter it. */
  isPrivate(): boolean {
    if (this.#descriptor === undefined) return true
    const status = fstatSync(this.#descriptor)
    return status.uid === process.geteuid?.() && (status.mode & 0o077) === 0
  }

  /**
   * Gives the directory its time and mode, in this order, since a mode may forbid the rest.
   *
   * @param movedTo where it is now if it was moved since it was anchored
   */
  settle(mode: number, mtimeNs: bigint, movedTo: DiskPath = this.path): void {
    const path = this.#descriptor === undefined ? movedTo : this.path
    setTime(path, mtimeNs)
    setMode(path, mode)
  }

  /** Lets its owner work in it again, whatever mode it was given. */
  unlock(): void {
    chmodSync(this.path, 0o700)
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
  }
}
