import { Archive } from '../../archive/archive'
import { archiveInfo } from '../../archive/info'
import { ArchiveInsight } from '../../archive/insight/archive-insight'
import { fileBytes, readFileRange } from '../../archive/read-file'
import { ArchiveRows } from '../../archive/rows/archive-rows'
import { displayPath, findEntry } from '../../archive/selection'
import type { ArchiveInfo } from '../../contract/archive-info'
import { openTable } from '../../archive/tensors/extract-tensor'
import { NpyOutput } from '../../archive/tensors/npy-output'
import { tensorPieces } from '../../archive/tensors/tensor-bytes'
import { TensorTable } from '../../archive/tensors/tensor-table'
import type { Entry } from '../../contract/entry'
import type {
  ArchiveAccount,
  BlockContest,
  BlockSizeTrial,
  ByteForecast,
  FileAccount,
  SurpriseMap,
} from '../../contract/insight'
import type { TensorRow } from '../../contract/tensor'
import type { PasswordOptions } from '../../contract/password'
import { LmzError } from '../../contract/error'
import { isTopLevel } from '../top-level'

/**
 * An archive opened for looking around: one consistent state, whatever others do to the file meanwhile. Paths of entries are
 * written "docs/readme.md"; unknown ones throw an LmzError `NotFound`, and every call after {@link close} throws `Usage`.
 */
export class OpenedArchive implements Disposable {
  #archive: Archive | undefined
  #rows: ArchiveRows | undefined
  #insight: ArchiveInsight | undefined

  /** Use {@link openArchive}. */
  constructor(archive: Archive) {
    this.#archive = archive
  }

  /** What the archive's bytes are spent on, to the byte; decodes nothing. */
  account(): Promise<ArchiveAccount> {
    return this.#explained.account()
  }

  /** What a file takes of the archive, where it lies, and what it costs to read it. @throws LmzError as {@link read} */
  fileAccount(path: string): Promise<FileAccount> {
    return this.#explained.fileAccount(this.entry(path).id)
  }

  /** At most so many blocks that stand for all, for {@link contest}. */
  blockSample(most: number): readonly number[] {
    return this.#explained.blockSample(most)
  }

  /** Codes a block with every codec that could have been used: the shortest two-part code first. */
  contest(block: number): Promise<BlockContest> {
    return this.#explained.contest(block)
  }

  /** Codes a sample of the archive anew in blocks of another size. */
  tryBlockSize(blockSize: number, sampleBytes: number): Promise<BlockSizeTrial> {
    return this.#explained.tryBlockSize(blockSize, sampleBytes)
  }

  /** What the bytes of a file cost from `offset` on, to the end of the block there at most. @throws LmzError as {@link read} */
  surprise(path: string, offset = 0, length = Number.MAX_SAFE_INTEGER): Promise<SurpriseMap> {
    return this.#explained.surprise(this.entry(path).id, offset, length)
  }

  /** What was held likely at a byte of a file. @throws LmzError as {@link read} */
  forecast(path: string, offset: number, most = 5): Promise<ByteForecast> {
    return this.#explained.forecast(this.entry(path).id, offset, most)
  }

  info(): ArchiveInfo {
    return archiveInfo(this.#open)
  }

  /**
   * Entries of a folder, or of the top level, sorted by name; with `recursive`, everything below, folders before what they
   * hold. Read as they are taken, so that millions need no memory.
   * @throws LmzError `Usage` for an entry that is no folder
   */
  list(folder = '', options: { readonly recursive?: boolean } = {}): IterableIterator<Entry> {
    const { index } = this.#open
    const id = isTopLevel(folder) ? 0 : this.#folder(folder)
    return options.recursive === true ? index.descendants(id) : index.children(id)
  }

  /** Entries by a part of their name or a pattern with `*` and `?`; by path if the pattern has a "/". */
  find(pattern: string): IterableIterator<Entry> {
    return this.#open.index.search(pattern)
  }

  entry(path: string): Entry {
    return findEntry(this.#open, path)
  }

  pathOf(entry: Entry): string {
    return displayPath(this.#open, entry.id)
  }

  /**
   * The bytes of a file in pieces of at most a block; only its own blocks are read and decoded.
   * @throws LmzError `Usage` for an entry that is no file, `Corrupt`
   */
  read(path: string): IterableIterator<Uint8Array> {
    return fileBytes(this.#open, this.entry(path).id)
  }

  /** At most `length` bytes of a file from `offset` on, fewer at its end. @throws LmzError as {@link read} */
  readRange(path: string, offset: number, length: number): Uint8Array {
    for (const count of [offset, length]) {
      if (!Number.isSafeInteger(count) || count < 0) throw new LmzError('Usage', `${count} is no number of bytes.`)
    }
    return readFileRange(this.#open, this.entry(path).id, offset, length)
  }

  /**
   * The tensors of a file, by its header alone.
   * @returns undefined for a file without, and for one that is not well-formed
   * @throws LmzError as {@link read}
   */
  tensors(path: string): readonly TensorRow[] | undefined {
    return TensorTable.open(this.#open, this.entry(path).id)?.page(0, Infinity).rows
  }

  /**
   * One tensor of a file, its bytes in pieces of at most a block; only the blocks it lies in are read and decoded.
   * @param options with `npy`, the pieces are those of an .npy file
   * @throws LmzError `Usage` for a file without tensors, `NotFound` for a tensor that is not there, `Corrupt`
   */
  *readTensor(path: string, name: string, options: { readonly npy?: boolean } = {}): Generator<Uint8Array> {
    const entry = this.entry(path)
    const table = openTable(this.#open, entry)
    const tensor = table.named(name, entry.id)
    const output = options.npy === true ? new NpyOutput(tensor) : undefined
    if (output !== undefined) yield output.header
    for (const piece of tensorPieces(this.#open, table, tensor)) yield output?.convert(piece) ?? piece
  }

  /** May be called again. */
  close(): void {
    const [archive, insight] = [this.#archive, this.#insight]
    this.#archive = undefined
    this.#insight = undefined
    this.#rows?.close()
    if (insight === undefined) archive?.close()
    else void insight.close().then(() => archive?.close())
  }

  [Symbol.dispose](): void {
    this.close()
  }

  get #explained(): ArchiveInsight {
    const archive = this.#open
    this.#rows ??= new ArchiveRows(archive)
    return (this.#insight ??= new ArchiveInsight(archive, this.#rows))
  }

  get #open(): Archive {
    if (this.#archive === undefined) throw new LmzError('Usage', 'The archive has been closed.')
    return this.#archive
  }

  #folder(path: string): number {
    const entry = this.entry(path)
    if (entry.kind !== 'directory') throw new LmzError('Usage', `${path} is not a folder.`, { subject: path })
    return entry.id
  }
}

/**
 * Opens an archive. Costs the reading of its index, about 0.5 s for a million entries.
 * @param options how the password is had, of an encrypted one
 * @throws LmzError `NotFound`, `Format`, `Corrupt`, `Auth`, `Unsupported`, `Io`
 */
export async function openArchive(path: string, options: PasswordOptions = {}): Promise<OpenedArchive> {
  return new OpenedArchive(await Archive.open(path, undefined, options))
}
