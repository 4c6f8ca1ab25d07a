import { contentKindOf } from '../contract/content-kind'
import type { Entry } from '../contract/entry'
import { isDamage, LmzError, toLmzError } from '../contract/error'
import { presets } from '../codecs/presets'
import { baseOfCodec, codecName } from '../codecs/registry'
import type { Block } from '../index/rows'
import { leastOwnBlock } from '../intake/tensors/chunk-tensors'
import { IndexWriter } from '../index/index-writer'
import type { Archive } from './archive'
import { ArchiveWriter } from './archive-writer'
import { BaseShelf } from './bases/base-shelf'
import { countChunkIds } from './count-chunk-ids'
import { packIndex } from './index-frame'
import type { JobControl } from './job-control'
import { enterLineage, isOfFrames } from './encryption/lineage'
import type { MasterKey } from './encryption/master-key'
import { Packer } from './packing/packer'
import { type PackPrimer, packPrimer, PrimerShelf } from './primer/shelf'
import { protectionFor } from './protection/protection-for'
import { RecentBytes } from './recent-bytes'
import { blockSizesOf, settingsOf } from './settings'
import type { Storage } from './storage'
import { partOfBlock } from './bases/tensor-parts'
import { costsOfBlocks } from './work-costs'
import { withPool, type WorkerPool } from './workers/worker-pool'

export interface CopyOptions {
  readonly target: string
  readonly mayReplace: boolean
  /** For an encrypted copy. */
  readonly masterKey: MasterKey | undefined
  /** Called for every entry, parents before children. */
  readonly keep: (entry: Entry) => boolean
  /**
   * Called for each file that cannot be copied because bytes of it are damaged or missing; it is left out. Without this, a
   * damaged block ends the copy.
   */
  readonly onLost?: (entry: Entry) => void
}

/**
 * Writes a new archive that holds the chosen entries of an open one. Blocks all of whose chunks are still in use are
 * copied as they are, after decoding them as a check; what lives on in other blocks is packed anew.
 * @throws LmzError `Corrupt`, `NoSpace`, `Io`, `Cancelled`, `Collision`; no file is left behind then
 */
export async function copyArchive(
  archive: Archive,
  options: CopyOptions,
  control: JobControl,
  storage: Storage,
): Promise<void> {
  const { target, mayReplace, masterKey } = options
  const writer = await ArchiveWriter.create(target, storage, { mayReplace, masterKey })
  const index = IndexWriter.create()
  const bases = new BaseShelf(writer)
  try {
    await withPool(control.signal, async (pool) => {
      const shelf = new PrimerShelf(writer, index)
      const copy = new Copy({ archive, writer, index, shelf, bases, pool, control, options })
      await copy.run()
    })
    control.throwIfCancelled()
    const frame = await packIndex(index)
    try {
      await writer.commit(frame, protectionFor(settingsOf(archive), control))
    } finally {
      await frame.dispose()
    }
  } catch (cause) {
    await writer.abort()
    throw toLmzError(cause, `Cannot rewrite ${archive.name}`, archive.path)
  } finally {
    bases.close()
    index.close()
  }
}

/** Whether a block cannot be had, as opposed to a job that cannot go on. */
function isFaultOfBlock(thrown: unknown): boolean {
  return isDamage(thrown) || (thrown instanceof LmzError && ['Limit', 'Unsupported'].includes(thrown.code))
}

/** Bytes of primers that are kept, for the blocks to come that need them. */
const mostCachedPrimerBytes = 16 * 1024 * 1024

interface CopyParts {
  readonly archive: Archive
  readonly writer: ArchiveWriter
  readonly index: IndexWriter
  readonly shelf: PrimerShelf
  readonly bases: BaseShelf
  readonly pool: WorkerPool
  readonly control: JobControl
  readonly options: CopyOptions
}

class Copy {
  readonly #parts: CopyParts
  /** By old chunk id: 1 if a kept file uses it. */
  readonly #isLive: Uint8Array
  /** By old chunk id: its id in the copy, 0 if it is not there. */
  readonly #newChunkIds: Uint32Array
  /** By old chunk id: its bytes. */
  readonly #lengths: Uint32Array
  readonly #newContentIds = new Map<number, number>()
  readonly #newEntryIds = new Map<number, number>()
  readonly #primers = new RecentBytes<number, PackPrimer>(mostCachedPrimerBytes)
  /** By number of a block that was copied as it is: its number in the copy. */
  readonly #newBlockIds = new Map<number, number>()
  #bytesDone = 0

  constructor(parts: CopyParts) {
    this.#parts = parts
    const chunks = countChunkIds(parts.archive) + 1
    this.#isLive = new Uint8Array(chunks)
    this.#newChunkIds = new Uint32Array(chunks)
    this.#lengths = new Uint32Array(chunks)
  }

  async run(): Promise<void> {
    const { archive, index } = this.#parts
    for (const [key, value] of archive.index.settings()) if (!isOfFrames(key)) index.setSetting(key, value)
    if (this.#parts.writer.encryption !== undefined) enterLineage(index, new Map(), this.#parts.writer.lineage)
    await this.#markLiveChunks()
    await this.#copyBlocks()
    await this.#copyEntries()
  }

  async #markLiveChunks(): Promise<void> {
    const { archive, options, control } = this.#parts
    for (const entry of archive.index.descendants(0)) {
      if (!options.keep(entry)) continue
      await control.checkpoint()
      const content = this.#contentOf(entry)
      if (content === undefined) continue
      for (const { firstChunk, chunkCount } of archive.index.content(content).runs) {
        this.#isLive.fill(1, firstChunk, firstChunk + chunkCount)
      }
    }
  }

  /** The content of a file or hard link; a link may outlive the file it was stored as. */
  #contentOf(entry: Entry): number | undefined {
    return entry.link === undefined ? entry.content : this.#parts.archive.index.entry(entry.link)?.content
  }

  async #copyBlocks(): Promise<void> {
    const { archive, writer, index, shelf, bases, pool, control } = this.#parts
    const settings = settingsOf(archive)
    const { blockSize, preset } = settings
    const packer = new Packer({
      pool,
      writer,
      index,
      blockSize,
      sizesOf: (kind) => blockSizesOf(settings, kind),
      shelf,
      bases,
      control,
      candidates: presets[preset].candidates.map(({ codec, effort, kinds }) => ({
        codec: codec.number,
        effort,
        kinds,
      })),
      onStored: (numbers, firstId) => {
        numbers.forEach((number, at) => (this.#newChunkIds[number] = firstId + at))
      },
    })
    const bytesTotal = archive.index.totals().uniqueBytes
    const costs = costsOfBlocks(archive.index)
    const report = (force = false): void => {
      const bytes = this.#bytesDone
      control.progress(
        { phase: 'work', entries: 0, bytes, bytesTotal, share: costs.share(bytes, bytesTotal, 1) },
        force,
      )
    }
    report(true)
    await control.reporting(report, async () => {
      for (const block of archive.index.blocks()) {
        await control.checkpoint()
        const live = this.#isLive.subarray(block.firstChunk, block.firstChunk + block.chunkCount)
        const codec = codecName(block.codec)
        // One block is copied at a time, so that the time passed is the time spent.
        const watch = costs.watch(codec, block.rawLength)
        watch.started()
        if (live.includes(1)) await this.#copyBlock(block, !live.includes(0), packer)
        watch.ended()
        costs.bytesDone(codec, block.rawLength)
        this.#bytesDone += block.rawLength
        report()
      }
      await packer.finish()
    })
  }

  /**
   * Copies a block as it is when all of it lives on, and its base, if it has one, is copied so too; otherwise packs what lives on, if it can
   * be against what became of the base.
   */
  async #copyBlock(block: Block, isWhole: boolean, packer: Packer): Promise<void> {
    const { archive, pool, options } = this.#parts
    const { lengths } = archive.index.chunkLengths(block.id)
    this.#lengths.set(lengths, block.firstChunk)
    try {
      if (isWhole && (await this.#copyAsItIs(block, lengths, packer))) return
      const raw = await archive.withBlock(block, (input) => pool.run('decode', input))
      const hints = archive.readHints(block)
      const primer = await this.#primerOf(block)
      const base = archive.baseOf(block)
      // A tensor that had blocks of its own goes on having them.
      let isStart = contentKindOf(block.kind) === 'tensor' && block.rawLength >= leastOwnBlock
      let offset = 0
      for (const [at, length] of lengths.entries()) {
        const chunk = { number: block.firstChunk + at, hint: hints[at] ?? 0n }
        if (this.#isLive[chunk.number] === 1) {
          const bytes = raw.subarray(offset, offset + length)
          const part = partOfBlock(block, base, offset)
          await packer.add(contentKindOf(block.kind), chunk, bytes, { primer, isStart, part })
          isStart = false
        }
        offset += length
      }
    } catch (cause) {
      if (options.onLost === undefined || !isFaultOfBlock(cause)) throw cause
    }
  }

  /** @returns false for a block whose base is not in the copy as it was */
  async #copyAsItIs(block: Block, lengths: readonly number[], packer: Packer): Promise<boolean> {
    const { archive, writer, index, shelf, bases, pool } = this.#parts
    const { stored, contentHash } = await archive.withBlock(block, (input) => pool.run('checkPayload', input))
    const based = baseOfCodec(block.codec)
    const newBase = based && this.#newBlockIds.get(based.name(stored).id)
    if (based !== undefined && newBase === undefined) return false
    const payload = based === undefined || newBase === undefined ? stored : based.renamed(stored, newBase)
    const hints = archive.readHints(block)
    const oldPrimer = await this.#primerOf(block)
    const primer = oldPrimer === undefined ? undefined : await shelf.idOf(oldPrimer)
    const id = packer.takeBlockId()
    const chunks = lengths.map((length, at) => ({ length, hint: hints[at] ?? 0n }))
    const position = await writer.writeBlock(id, { ...block, stored: payload, contentHash, primer }, chunks)
    const { firstChunk } = index.addBlock({ ...block, id, position, primer, chunkLengths: lengths })
    lengths.forEach((_length, at) => (this.#newChunkIds[block.firstChunk + at] = firstChunk + at))
    const part = partOfBlock(block, undefined, 0)
    if (part === undefined || based !== undefined) return true
    this.#newBlockIds.set(block.id, id)
    const { storedLength, rawLength, codec, kind } = block
    const location = { id, position, storedLength, rawLength, codec, kind, lineage: writer.frameLineage }
    if (primer === undefined) bases.note({ ...part, length: rawLength, location: { ...location, primer } })
    return true
  }

  /** The primer of a block; what lives on of the block starts from it too. */
  async #primerOf({ primer: id }: Block): Promise<PackPrimer | undefined> {
    if (id === undefined) return undefined
    const known = this.#primers.find(id)
    if (known !== undefined) return known
    const { archive, pool } = this.#parts
    const { codec, kind, rawLength } = archive.index.primer(id)
    const { bytes, stored, contentHash } = await archive.withPrimer(id, (input) => pool.run('readPrimer', input))
    return this.#primers.keep(id, packPrimer(bytes, { codec, kind, rawLength, contentHash, stored }))
  }

  /** Enters what was kept, now that all chunks have their new ids. */
  async #copyEntries(): Promise<void> {
    const { archive, index, options, control } = this.#parts
    for (const entry of archive.index.descendants(0)) {
      if (!options.keep(entry)) continue
      await control.checkpoint()
      const parent = entry.parent === 0 ? 0 : this.#newEntryIds.get(entry.parent)
      if (parent === undefined) continue
      const { name, rawName, mode, mtimeNs, target } = entry
      const common = { parent, name, rawName, mode, mtimeNs }
      if (entry.kind === 'directory') {
        this.#newEntryIds.set(entry.id, index.addEntry({ ...common, kind: 'directory' }))
      } else if (entry.kind === 'symlink') {
        index.addEntry({ ...common, kind: 'symlink', target })
      } else {
        this.#copyFile(entry, common)
      }
    }
  }

  /** A file, or another name of one: the first name that was kept becomes the file. */
  #copyFile(entry: Entry, common: Pick<Entry, 'parent' | 'name' | 'rawName' | 'mode' | 'mtimeNs'>): void {
    const { index, options } = this.#parts
    const original = entry.link ?? entry.id
    const link = this.#newEntryIds.get(original)
    if (link !== undefined) {
      index.addEntry({ ...common, kind: 'hardLink', link })
      return
    }
    const oldContent = this.#contentOf(entry)
    const content = oldContent === undefined ? undefined : this.#copyContent(oldContent)
    if (content === undefined) options.onLost?.(entry)
    else this.#newEntryIds.set(original, index.addEntry({ ...common, kind: 'file', content }))
  }

  /**
   * @returns the content's id in the copy, undefined if a part of it is lost
   * @throws LmzError `Format` if its chunks are not as long as it claims, unless what is lost may be left out
   */
  #copyContent(oldId: number): number | undefined {
    const known = this.#newContentIds.get(oldId)
    if (known !== undefined) return known
    const { archive, index, options } = this.#parts
    const { size, runs } = archive.index.content(oldId)
    const newRuns: { firstChunk: number; chunkCount: number }[] = []
    let length = 0
    for (const { firstChunk, chunkCount } of runs) {
      for (let chunk = firstChunk; chunk < firstChunk + chunkCount; chunk++) {
        const newId = this.#newChunkIds[chunk] ?? 0
        if (newId === 0) return undefined
        length += this.#lengths[chunk] ?? 0
        const last = newRuns.at(-1)
        if (last !== undefined && last.firstChunk + last.chunkCount === newId) last.chunkCount++
        else newRuns.push({ firstChunk: newId, chunkCount: 1 })
      }
    }
    if (length !== size) {
      if (options.onLost !== undefined) return undefined
      throw new LmzError('Format', `Content ${oldId} claims ${size} bytes, but its chunks have ${length}.`)
    }
    const id = index.addContent({ size, runs: newRuns })
    this.#newContentIds.set(oldId, id)
    return id
  }
}
