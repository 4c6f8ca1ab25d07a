import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm, statfs, utimes } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, dirname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { JobState } from '../../contract/engine-api'
import { LmzError, toLmzError } from '../../contract/error'
import { safeName } from '../../outlet/safe-name'
import type { EngineHost } from '../window/engine-host'
import { isUnderWay } from '../window/job-book'
import type { PrivateFolder } from '../window/private-folder'
import { answerError, answerText } from './response'

/** Deeper than people nest folders, and not deep enough for a path that no program can open. */
const deepest = 200

/** Milliseconds since 1970 at which the file was changed last; without it an archive would tell the time of the upload. */
const modifiedHeader = 'lmz-modified'

interface Upload {
  readonly folder: string
  /** Whether its window is gone. */
  isLeft: boolean
}

/**
 * Files that were dropped on a page, streamed into private folders: a page gets to know no path, so the engine has to be given
 * copies. A folder goes away when an archive holds what was in it, or with its window, once no job needs it.
 */
export class Uploads {
  readonly #temporary: PrivateFolder
  readonly #host: EngineHost
  readonly #uploads = new Map<string, Upload>()

  constructor(temporary: PrivateFolder, host: EngineHost) {
    this.#temporary = temporary
    this.#host = host
    host.subscribe({
      jobChanged: (job) => this.#removeUsed(job),
      problem: () => undefined,
      question: () => undefined,
      engineRestarted: () => undefined,
    })
  }

  /** A new folder for one drop. */
  open(): { readonly id: string; readonly folder: string } {
    const folder = this.#temporary.newFolder()
    const id = randomBytes(16).toString('hex')
    this.#uploads.set(id, { folder, isLeft: false })
    return { id, folder }
  }

  /** The window of an upload is gone. */
  leave(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload === undefined) return
    upload.isLeft = true
    if (!this.#host.jobs().some((job) => isUnderWay(job) && uses(job, upload))) this.#remove(id)
  }

  /**
   * Takes one file or, where the address ends in "/", a folder.
   * @param address "<id>/<part>/<part>", each part encoded by itself
   */
  async take(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    try {
      await this.#write(request, address)
      answerText(response, 201, 'Taken.')
    } catch (thrown) {
      // What is still on its way would hold up the answer: the connection ends behind it.
      response.setHeader('connection', 'close')
      answerError(response, toLmzError(thrown, 'The upload failed'))
      request.resume()
    }
  }

  async #write(request: IncomingMessage, address: string): Promise<void> {
    const [id = '', ...encoded] = address.split('/')
    const upload = this.#uploads.get(id)
    if (upload === undefined) throw new LmzError('NotFound', 'There is no such upload.')
    const isFolder = encoded.at(-1) === ''
    const path = join(upload.folder, ...componentsOf(isFolder ? encoded.slice(0, -1) : encoded))
    if (isFolder) {
      await mkdir(path, { recursive: true, mode: 0o700 })
      return
    }
    const name = basename(path)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await refuseTooLarge(upload.folder, name, Number(request.headers['content-length'] ?? 0))
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
    try {
      await pipeline(request, file)
    } catch (thrown) {
      // Where something is there already, that is another's.
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') await rm(path, { force: true })
      throw toLmzError(thrown, `Cannot take over ${name}`, name)
    }
    const modified = Number(request.headers[modifiedHeader])
    if (Number.isSafeInteger(modified) && modified > 0) await utimes(path, modified / 1000, modified / 1000)
  }

  #removeUsed(job: JobState): void {
    if (isUnderWay(job)) return
    const isStored = job.status === 'done' && (job.request.verb === 'create' || job.request.verb === 'add')
    for (const [id, upload] of this.#uploads) {
      if (!uses(job, upload) || !(isStored || upload.isLeft)) continue
      // Another job may be waiting for the same files.
      if (!this.#host.jobs().some((other) => isUnderWay(other) && uses(other, upload))) this.#remove(id)
    }
  }

  #remove(id: string): void {
    const upload = this.#uploads.get(id)
    this.#uploads.delete(id)
    // What cannot be removed now goes away with the process.
    if (upload !== undefined) void rm(upload.folder, { recursive: true, force: true }).catch(() => undefined)
  }
}

function uses({ request }: JobState, { folder }: Upload): boolean {
  return 'paths' in request && request.paths.some((path) => path === folder || path.startsWith(folder + sep))
}

/** @throws LmzError `UnsafePath` or `Limit` for parts that are not one name each */
function componentsOf(encoded: readonly string[]): readonly string[] {
  if (encoded.length === 0) throw new LmzError('UnsafePath', 'The upload has no name.')
  if (encoded.length > deepest) throw new LmzError('Limit', `More than ${deepest} folders inside of each other.`)
  return encoded.map((part) => {
    try {
      return safeName(decodeURIComponent(part))
    } catch (thrown) {
      if (thrown instanceof LmzError) throw thrown
      throw new LmzError('UnsafePath', 'A name in the address of the upload is not encoded rightly.', { cause: thrown })
    }
  })
}

/** Tells at once what would otherwise be told when the disk is full, after minutes. */
async function refuseTooLarge(folder: string, name: string, bytes: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(folder)
  // Some file systems report nothing at all; then only writing will tell.
  if (blocks === 0 || bytes <= bavail * bsize) return
  throw new LmzError(
    'NoSpace',
    `There is not enough room for ${name}: it has ${bytes} bytes, ${bavail * bsize} are free.`,
  )
}
