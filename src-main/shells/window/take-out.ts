import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { JobState } from '../../contract/engine-api'
import { LmzError } from '../../contract/error'
import { connectEngine, type RemoteEngine } from '../../engine/channel'
import type { StartEngine } from './engine-process'
import { isUnderWay } from './job-book'
import type { PrivateFolder } from './private-folder'

/**
 * Takes single entries out of archives into a private folder, to be opened or dragged out. That is an extraction like every other,
 * by the one code that writes what archives hold, but in an engine of its own: whoever opens a file does not want to wait until
 * the job that is running has ended.
 */
export class EntryTaker {
  readonly #start: StartEngine
  readonly #folder: PrivateFolder
  /** One after the other: each uses all cores. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(start: StartEngine, folder: PrivateFolder) {
    this.#start = start
    this.#folder = folder
  }

  /**
   * @param entries paths in the archive
   * @param password of an encrypted one
   * @returns where each lies now, under its own name as far as the system allows it
   * @throws LmzError as an extraction, and for an entry that cannot be extracted too
   */
  takeOut(archive: string, entries: readonly string[], password?: string): Promise<readonly string[]> {
    const work = this.#last.then(() => this.#takeOutEach(archive, entries, password))
    this.#last = work.catch(() => undefined)
    return work
  }

  async #takeOutEach(
    archive: string,
    entries: readonly string[],
    password: string | undefined,
  ): Promise<readonly string[]> {
    const errand = new Errand(this.#start)
    try {
      const places: string[] = []
      for (const entry of entries) {
        // A folder for each: two entries of one name do not meet, and whatever is in it is the entry.
        const destination = this.#folder.newFolder()
        await errand.extract(archive, entry, destination, password)
        const [name] = readdirSync(destination)
        if (name === undefined) {
          throw new LmzError('Usage', `${entry} is a link, and leads nowhere by itself.`, { subject: entry })
        }
        places.push(join(destination, name))
      }
      return places
    } finally {
      errand.end()
    }
  }
}

/** An engine for a few extractions, one at a time. */
class Errand {
  readonly #engine: RemoteEngine
  readonly end: () => void
  #jobEnded: (state: JobState) => void = () => undefined
  readonly #processEnded: Promise<never>

  constructor(start: StartEngine) {
    const process = start()
    this.end = () => process.stop()
    this.#engine = connectEngine(process.channel, {
      jobChanged: (state) => {
        if (!isUnderWay(state)) this.#jobEnded(state)
      },
      problem: () => undefined,
      question: () => undefined,
    })
    this.#processEnded = new Promise((_, reject) => {
      process.onEnd((reason) => {
        reject(new LmzError('Io', `The engine ended unexpectedly (${reason}); nothing was taken out of the archive.`))
      })
    })
    // Nobody waits for it between two jobs, nor after the last one.
    this.#processEnded.catch(() => undefined)
  }

  async extract(archive: string, entry: string, destination: string, password: string | undefined): Promise<void> {
    const jobEnded = new Promise<JobState>((resolve) => {
      this.#jobEnded = resolve
    })
    const places = { archive, entries: [entry], destination }
    const request = { verb: 'extract', ...places, overwrite: 'rename', smart: false, links: 'none' } as const
    await this.#engine.submit(request, password === undefined ? undefined : { password })
    const { error, report } = await Promise.race([jobEnded, this.#processEnded])
    const failure = error ?? report?.problems[0]?.error
    if (failure !== undefined) throw LmzError.fromData(failure)
  }
}
