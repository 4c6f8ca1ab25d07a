import { type ArchiveSink, type ArchiveSource, diskStorage, type Storage } from '../../src-main/archive/storage'
import { toLmzError } from '../../src-main/contract/error'

type Operation = 'open' | 'append' | 'sync' | 'rename'

/** The disk, but the operation with the given number (from 0, of its kind) fails as the system would make it fail. */
export class FaultyStorage implements Storage {
  readonly counts: Record<Operation, number> = { open: 0, append: 0, sync: 0, rename: 0 }
  readonly #operation: Operation
  readonly #at: number
  readonly #systemCode: string
  hasFailed = false
  /** What was asked of the disk once an operation had failed. */
  readonly afterwards: Operation[] = []

  constructor(operation: Operation, at: number, systemCode: string) {
    this.#operation = operation
    this.#at = at
    this.#systemCode = systemCode
  }

  openSource(path: string): ArchiveSource {
    return diskStorage.openSource(path)
  }

  remove(path: string): Promise<void> {
    return diskStorage.remove(path)
  }

  async openForAppend(path: string): Promise<ArchiveSink> {
    this.#passOrFailToOpen(path)
    return this.#wrap(await diskStorage.openForAppend(path))
  }

  async createSink(path: string): Promise<ArchiveSink> {
    this.#passOrFailToOpen(path)
    return this.#wrap(await diskStorage.createSink(path))
  }

  async rename(from: string, target: string): Promise<void> {
    this.#passOrFail('rename')
    await diskStorage.rename(from, target)
  }

  async renameNew(from: string, target: string): Promise<void> {
    this.#passOrFail('rename')
    await diskStorage.renameNew(from, target)
  }

  /** Whoever opens a file for an archive says which one it was. */
  #passOrFailToOpen(path: string): void {
    try {
      this.#passOrFail('open')
    } catch (cause) {
      throw toLmzError(cause, `Cannot write ${path}`, path)
    }
  }

  #passOrFail(operation: Operation): void {
    if (this.hasFailed) this.afterwards.push(operation)
    if (this.counts[operation]++ !== this.#at || operation !== this.#operation) return
    this.hasFailed = true
    throw Object.assign(new Error(`${this.#systemCode}: injected`), { code: this.#systemCode })
  }

  #wrap(sink: ArchiveSink): ArchiveSink {
    const passOrFail = (operation: Operation): void => this.#passOrFail(operation)
    return {
      get position() {
        return sink.position
      },
      async append(...parts) {
        for (const part of parts) {
          // A full disk takes a part of what was to be written before it says so.
          try {
            passOrFail('append')
          } catch (fault) {
            await sink.append(part.subarray(0, part.length >> 1))
            throw fault
          }
          await sink.append(part)
        }
      },
      async sync() {
        passOrFail('sync')
        await sink.sync()
      },
      truncate: (length) => sink.truncate(length),
      close: () => sink.close(),
    }
  }
}
