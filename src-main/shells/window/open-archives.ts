import type { ArchiveInfo } from '../../contract/archive-info'
import { LmzError } from '../../contract/error'
import type { RemoteEngine } from '../../engine/channel'
import type { EngineHost } from './engine-host'

interface OpenArchive {
  readonly path: string
  readonly engine: RemoteEngine
  readonly engineHandle: number
  readonly password: string | undefined
}

/** The archives that one window has opened. It can use these and no others, whatever number it names. */
export class OpenArchives {
  readonly #host: EngineHost
  readonly #open = new Map<number, OpenArchive>()
  /** Passwords of archives that were open in an engine which is gone: the window is about to open them again. */
  readonly #interrupted = new Map<string, string>()
  #isClosed = false

  constructor(host: EngineHost) {
    this.#host = host
  }

  /** @param given the password, if the user has been asked; an archive that this window has open already opens with the one it has */
  async open(path: string, given?: string): Promise<{ readonly handle: number; readonly info: ArchiveInfo }> {
    const { engine } = this.#host
    const password = given ?? this.passwordOf(path)
    const { handle: engineHandle, info } = await engine.openArchive(path, password)
    const handle = this.#host.newHandle()
    this.#interrupted.delete(path)
    this.#open.set(handle, { path, engine, engineHandle, password })
    // The window may have gone while the archive was being opened.
    if (this.#isClosed) await this.closeAll()
    return { handle, info }
  }

  async close(handle: number): Promise<void> {
    const { engine, engineHandle } = this.#get(handle)
    this.#open.delete(handle)
    await engine.closeArchive(engineHandle)
  }

  /** The password of an archive that this window has open; kept no longer than that. */
  passwordOf(path: string): string | undefined {
    const open = [...this.#open.values()].findLast((one) => one.path === path)
    return open === undefined ? this.#interrupted.get(path) : open.password
  }

  has(handle: number): boolean {
    return this.#open.has(handle)
  }

  /** @throws LmzError `Usage` unless this window has it open */
  pathOf(handle: number): string {
    return this.#get(handle).path
  }

  /** A call about an archive, to the engine that has it open. An engine that is gone fails it. */
  async call(name: keyof RemoteEngine, handle: number, ...rest: readonly unknown[]): Promise<unknown> {
    const { engine, engineHandle } = this.#get(handle)
    // The engine checks the arguments by its own schemas.
    return (engine[name] as (...args: unknown[]) => Promise<unknown>)(engineHandle, ...rest)
  }

  /** The path of an entry in its archive: "docs/readme.md". */
  async entryPath(handle: number, entry: number): Promise<string> {
    const names = await this.call('pathOf', handle, entry)
    return (names as readonly string[]).join('/')
  }

  /** The window is gone. */
  async closeAll(): Promise<void> {
    this.#isClosed = true
    this.#interrupted.clear()
    const open = [...this.#open.values()]
    this.#open.clear()
    // An engine that is gone has closed them by itself.
    await Promise.allSettled(open.map(({ engine, engineHandle }) => engine.closeArchive(engineHandle)))
  }

  /** Their engine is gone. */
  forgetAll(): void {
    for (const { path, password } of this.#open.values()) {
      if (password !== undefined) this.#interrupted.set(path, password)
    }
    this.#open.clear()
  }

  #get(handle: number): OpenArchive {
    const archive = this.#open.get(handle)
    if (archive === undefined) throw new LmzError('Usage', 'The archive is no longer open.')
    return archive
  }
}
