import { SvelteSet } from 'svelte/reactivity'
import type { JobState } from '../../src-main/contract/engine-api'
import type { LmzErrorCode } from '../../src-main/contract/error'
import type { JobRequest } from '../../src-main/contract/job'

/** Of a row: `itself` cannot be read whole, or something `inside` of the folder. */
export type Damage = 'itself' | 'inside'

/** What has been found damaged in an archive since it was opened, by verifying, extracting or looking at it. Paths are "/"-separated. */
export class DamageFound {
  readonly #files = new SvelteSet<string>()
  /** All folders above them. */
  readonly #folders = new SvelteSet<string>()

  get count(): number {
    return this.#files.size
  }

  of(path: string): Damage | undefined {
    if (this.#files.has(path)) return 'itself'
    return this.#folders.has(path) ? 'inside' : undefined
  }

  note(path: string, code: LmzErrorCode): void {
    // Of a single entry, a code of authenticity is damage too: the password was right.
    if (code !== 'Corrupt' && code !== 'Auth') return
    this.#files.add(path)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      this.#folders.add(path.slice(0, end))
    }
  }

  /** Learns from a job with this archive that has ended. */
  learnFrom({ request, status, report }: JobState): void {
    if (status !== 'done') return
    if (request.verb === 'verify') {
      // All that there is was looked at.
      this.#keep(() => undefined)
      for (const { path, error } of report?.problems ?? []) this.note(path, error.code)
    } else if (request.verb === 'extract') {
      for (const { path, error } of report?.problems ?? []) {
        const known = pathInArchive(path, request.entries)
        if (known !== undefined) this.note(known, error.code)
      }
    } else this.#follow(request)
  }

  /** What was not touched is as damaged as before. */
  #follow(request: JobRequest): void {
    if (request.verb === 'create') this.#keep(() => undefined)
    else if (request.verb === 'add') {
      // What is new under a name may be whole.
      const folder = request.into === undefined || request.into === '' ? '' : `${request.into}/`
      const added = request.paths.map((path) => folder + (path.split(/[\\/]/).filter(Boolean).at(-1) ?? ''))
      this.#keep((path) => (added.some((entry) => isIn(path, entry)) ? undefined : path))
    } else if (request.verb === 'rename') {
      const to = [...request.entry.split('/').slice(0, -1), request.name].join('/')
      this.#keep((path) => (isIn(path, request.entry) ? to + path.slice(request.entry.length) : path))
    } else if (request.verb === 'remove') {
      this.#keep((path) => (request.entries.some((entry) => isIn(path, entry)) ? undefined : path))
    }
  }

  #keep(pathNow: (path: string) => string | undefined): void {
    const before = [...this.#files]
    this.#files.clear()
    this.#folders.clear()
    for (const path of before) {
      const now = pathNow(path)
      if (now !== undefined) this.note(now, 'Corrupt')
    }
  }
}

/**
 * The path in the archive of what came out under a path: what is chosen comes out by its own name, without the folders above it.
 * @returns undefined where two of that name were chosen
 */
function pathInArchive(path: string, chosen: readonly string[]): string | undefined {
  if (chosen.length === 0) return path
  const [top = ''] = path.split('/', 1)
  const sources = chosen.filter((entry) => entry.split('/').at(-1) === top)
  const [source] = sources
  return source === undefined || sources.length > 1 ? undefined : source + path.slice(top.length)
}

function isIn(path: string, entry: string): boolean {
  return path === entry || path.startsWith(`${entry}/`)
}
