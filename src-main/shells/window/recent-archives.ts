import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import * as v from 'valibot'
import type { RecentArchive } from '../../contract/shell-api'
import { readJson, writeJson } from './stored-json'

export const mostRecent = 20

const rowSchema = v.object({
  path: v.pipe(v.string(), v.nonEmpty()),
  openedMs: v.pipe(v.number(), v.finite()),
})
type Row = v.InferOutput<typeof rowSchema>

/** The archives a user opened last, in a file that the shells share. */
export class RecentArchives {
  readonly #path: string
  /** One change after the other: each reads what the one before has written. */
  #changes: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** Newest first. */
  async list(): Promise<readonly RecentArchive[]> {
    const rows = await this.#rows()
    return Promise.all(
      rows.map(async ({ path, openedMs }) => ({ path, name: basename(path), bytes: await sizeOf(path), openedMs })),
    )
  }

  /** Puts an archive at the head of the list. */
  async add(path: string, openedMs = Date.now()): Promise<void> {
    await this.#change((rows) => [{ path, openedMs }, ...without(rows, path)])
  }

  async forget(path: string): Promise<void> {
    await this.#change((rows) => without(rows, path))
  }

  #change(change: (rows: readonly Row[]) => readonly Row[]): Promise<void> {
    const work = this.#changes.then(async () => {
      await writeJson(this.#path, change(await this.#rows()).slice(0, mostRecent))
    })
    // A change that failed says so to whoever asked for it, and the next one goes on.
    this.#changes = work.catch(() => undefined)
    return work
  }

  async #rows(): Promise<readonly Row[]> {
    const found = await readJson(this.#path)
    if (!Array.isArray(found)) return []
    return found.flatMap((row) => (v.is(rowSchema, row) ? [row] : [])).slice(0, mostRecent)
  }
}

function without(rows: readonly Row[], path: string): readonly Row[] {
  return rows.filter((row) => resolve(row.path) !== resolve(path))
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch {
    return undefined
  }
}
