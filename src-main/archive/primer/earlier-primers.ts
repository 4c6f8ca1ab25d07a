import type { Primer } from '../../codecs/codec'
import { type ContentKind, contentKinds } from '../../contract/content-kind'
import { isDamage, LmzError } from '../../contract/error'
import type { Archive } from '../archive'
import type { WorkerPool } from '../workers/worker-pool'
import { type PackPrimer, packPrimer, type PrimerShelf } from './shelf'

/** How many of a kind are tried for new data: the newest. */
const mostOfKind = 2

/** The primers that earlier commits stored: new data of their sort may start from them too. */
export class EarlierPrimers {
  readonly #archive: Archive | undefined
  readonly #pool: WorkerPool
  readonly #shelf: PrimerShelf
  readonly #byKind = new Map<ContentKind, readonly PackPrimer[]>()

  /** @param archive undefined for a new one */
  constructor(archive: Archive | undefined, pool: WorkerPool, shelf: PrimerShelf) {
    this.#archive = archive
    this.#pool = pool
    this.#shelf = shelf
  }

  /** The newest of a kind; damaged ones are left out. */
  async ofKind(kind: ContentKind): Promise<readonly PackPrimer[]> {
    const known = this.#byKind.get(kind)
    if (known !== undefined) return known
    const ids = [...(this.#archive?.index.primers() ?? [])]
      .filter((primer) => primer.kind === contentKinds[kind])
      .map(({ id }) => id)
    const primers: PackPrimer[] = []
    for (const id of ids.slice(-mostOfKind)) {
      const primer = await this.#read(id)
      if (primer !== undefined) primers.push(primer)
    }
    this.#byKind.set(kind, primers)
    return primers
  }

  /** The same primer as one that is stored. */
  find({ key }: Primer): PackPrimer | undefined {
    return [...this.#byKind.values()].flat().find((primer) => primer.key === key)
  }

  async #read(id: number): Promise<PackPrimer | undefined> {
    if (this.#archive === undefined) return undefined
    try {
      const { codec, kind, rawLength } = this.#archive.index.primer(id)
      const { bytes, stored, contentHash } = await this.#archive.withPrimer(id, (input) =>
        this.#pool.run('readPrimer', input),
      )
      const primer = packPrimer(bytes, { codec, kind, rawLength, contentHash, stored })
      this.#shelf.know(primer.key, id)
      return primer
    } catch (cause) {
      const isUnusable = cause instanceof LmzError && ['Unsupported', 'Limit'].includes(cause.code)
      if (isUnusable || isDamage(cause)) return undefined
      throw cause
    }
  }
}
