import type { ContentKind } from '../../contract/content-kind'
import { LmzError, type LmzErrorData } from '../../contract/error'
import { type FileStamp, isSameStamp } from '../../intake/file-stamp'
import type { IngestedFile, IngestFailure, IngestRequest, IngestResult } from '../../intake/ingest'
import { showOsPath } from '../../intake/os-path'
import { segmentLimit } from '../../kernels/chunker'
import type { IndexWriter } from '../../index/index-writer'
import type { WorkItem, WorkList } from '../../index/work-list'
import { chunkHint, type ChunkTable } from './chunk-table'
import type { ContentLedger } from './content-ledger'
import type { JobControl } from '../job-control'
import type { Packer } from './packer'
import type { ChosenPrimers } from '../primer/chosen-primers'
import type { ScanResult } from './scan-sources'
import type { BlockSizes } from '../settings'
import { chunkPartsOf } from '../bases/tensor-parts'
import type { StoredChunks } from './stored-chunks'
import type { ChunkSizes } from '../workers/tasks'
import type { WorkCosts } from '../work-costs'
import type { WorkerPool } from '../workers/worker-pool'

export interface FilePackerParts {
  readonly index: IndexWriter
  readonly pool: WorkerPool
  readonly packer: Packer
  readonly primers: ChosenPrimers
  readonly sizesOf: (kind: ContentKind) => BlockSizes
  readonly table: ChunkTable
  readonly ledger: ContentLedger
  readonly control: JobControl
  readonly costs: WorkCosts<ContentKind>
  readonly chunking: ChunkSizes
  readonly scanned: ScanResult
  readonly storedChunks: StoredChunks | undefined
}

/** One ingest task: several small files, or one segment of a large one. */
interface Batch {
  readonly items: readonly WorkItem[]
  readonly requests: readonly IngestRequest[]
}

/** A file of several segments while they come in. */
interface LargeFile {
  readonly entry: number
  readonly stamp: FileStamp
  readonly kind: ContentKind
  readonly numbers: number[]
  bytes: number
}

type Results = Promise<readonly IngestResult[]>

const mostFilesInBatch = 512

/**
 * Reads the files of a work list in its order, a few batches ahead, in worker threads; looks up each chunk and hands new
 * ones to the packer. Order of results is order of files, so that the same input gives the same archive.
 */
export class FilePacker {
  readonly #parts: FilePackerParts
  readonly #spare: SharedArrayBuffer[] = []
  #large: LargeFile | undefined
  /** A large file that failed or was read anew; the rest of its segments is passed over. */
  #passedOver: number | undefined
  #filesDone = 0
  #bytesDone = 0
  #current: string | undefined

  constructor(parts: FilePackerParts) {
    this.#parts = parts
  }

  /** @throws LmzError `Cancelled`, or what writing the archive throws; problems of single files are reported */
  async packAll(work: WorkList): Promise<void> {
    const { pool, control, chunking } = this.#parts
    const ahead: { readonly batch: Batch; readonly buffer: SharedArrayBuffer; readonly results: Results }[] = []
    const consumeOldest = async (): Promise<void> => {
      const oldest = ahead.shift()
      if (oldest !== undefined) await this.#consume(oldest.batch, await oldest.results, oldest.buffer)
    }
    for (const batch of batchesOf(work.inOrder())) {
      await control.checkpoint()
      while (ahead.length > pool.size) await consumeOldest()
      const buffer = this.#spare.pop() ?? new SharedArrayBuffer(segmentLimit)
      const results = pool.run('ingest', { requests: batch.requests, buffer, chunking })
      // Whoever awaits the batch in turn gets the failure; until then it must not count as unhandled.
      results.catch(() => undefined)
      ahead.push({ batch, buffer, results })
    }
    while (ahead.length > 0) {
      await control.checkpoint()
      await consumeOldest()
    }
  }

  /** To be called when a block is in the archive: counts its bytes as done. */
  bytesStored(kind: ContentKind, bytes: number): void {
    this.#countDone(kind, bytes)
    this.report()
  }

  finish(): void {
    this.report(true)
  }

  async #consume(batch: Batch, results: readonly IngestResult[], buffer: SharedArrayBuffer): Promise<void> {
    const bytes = new Uint8Array(buffer)
    for (const [at, item] of batch.items.entries()) {
      const result = results[at]
      const request = batch.requests[at]
      if (result === undefined || request === undefined) throw new TypeError('a batch has a result for each request')
      if (item.entry === this.#passedOver) continue
      if ('error' in result) await this.#retryOrFail(item, result)
      else await this.#addResult(item, request, result, bytes)
    }
    this.#spare.push(buffer)
  }

  async #addResult(item: WorkItem, request: IngestRequest, file: IngestedFile, bytes: Uint8Array): Promise<void> {
    if (item.size > segmentLimit) await this.#addSegment(item, request, file, bytes)
    else await this.#addWhole(item, file, bytes)
  }

  /** A file that only has another size than at the scan, like a growing log, is read once more with that size. */
  async #retryOrFail(item: WorkItem, { error, stamp }: IngestFailure): Promise<void> {
    if (stamp === undefined) {
      this.#fail(item, error)
      return
    }
    const { pool, chunking } = this.#parts
    this.#passedOver = item.entry
    const resized = { ...item, size: stamp.size }
    for (const { requests } of batchesOf([resized])) {
      const buffer = this.#spare.pop() ?? new SharedArrayBuffer(segmentLimit)
      const [result] = await pool.run('ingest', { requests, buffer, chunking })
      const [request] = requests
      if (result === undefined || request === undefined) throw new TypeError('a batch has a result for each request')
      if ('error' in result) {
        this.#fail(item, result.error)
        return
      }
      await this.#addResult(resized, request, result, new Uint8Array(buffer))
      this.#spare.push(buffer)
    }
  }

  async #addWhole(item: WorkItem, file: IngestedFile, bytes: Uint8Array): Promise<void> {
    const numbers: number[] = []
    await this.#addChunks(item, file, file.kind, bytes, numbers)
    this.#complete(item, file.stamp, file.mode, numbers)
  }

  async #addSegment(item: WorkItem, request: IngestRequest, file: IngestedFile, bytes: Uint8Array): Promise<void> {
    if (request.offset === 0) {
      this.#large = { entry: item.entry, stamp: file.stamp, kind: file.kind, numbers: [], bytes: 0 }
    }
    const large = this.#large
    if (large === undefined || large.entry !== item.entry || !isSameStamp(large.stamp, file.stamp)) {
      const path = showOsPath(item.path)
      const message = `${path} changed while it was being read.`
      this.#fail(item, new LmzError('SourceChanged', message, { subject: path }).toData())
      return
    }
    await this.#addChunks(item, file, large.kind, bytes, large.numbers)
    large.bytes += file.length
    if (large.bytes < large.stamp.size) return
    this.#complete(item, file.stamp, file.mode, large.numbers)
    this.#large = undefined
  }

  async #addChunks(
    item: WorkItem,
    file: IngestedFile,
    kind: ContentKind,
    bytes: Uint8Array,
    numbers: number[],
  ): Promise<void> {
    const { primers, packer, sizesOf } = this.#parts
    const primer = primers.of(item, kind)
    const { large, shared, separateFrom } = sizesOf(kind)
    const isLarge = item.size >= separateFrom
    const place = { primer, limit: isLarge ? large : shared }
    const least = Math.min(large / 8, shared / 4)
    if (isLarge && numbers.length === 0) await packer.separate(kind, primer, least)
    const starts = blockStartsOf(file)
    const parts = chunkPartsOf(file)
    let isStart = false
    let start = file.start
    for (const [at, end] of file.ends.entries()) {
      const chunk = bytes.subarray(start, file.start + end)
      const hash = file.hashes.subarray(at * 32, at * 32 + 32)
      isStart ||= starts.has(at)
      let number = await this.#find(hash, kind, chunk.length)
      if (number === undefined) {
        number = this.#parts.table.add(hash)
        await packer.add(kind, { number, hint: chunkHint(hash) }, chunk, { ...place, isStart, part: parts[at] })
        isStart = false
      }
      numbers.push(number)
      start = file.start + end
    }
    // An earlier segment's end is no end of the file, but as good a place as any, except in the middle of a tensor.
    if (isLarge && !endsInTensor(file)) await packer.separate(kind, primer, least)
  }

  /** The number of an equal chunk, if there is one. */
  async #find(hash: Uint8Array, kind: ContentKind, length: number): Promise<number | undefined> {
    const { table, storedChunks, pool } = this.#parts
    let found = table.find(hash)
    if (found?.isHint === true) {
      const isReadable = await storedChunks?.confirm(found.number, pool)
      found = isReadable === true ? table.find(hash) : undefined
    }
    if (found !== undefined) this.#countDone(kind, length)
    return found?.number
  }

  #complete(item: WorkItem, stamp: FileStamp, mode: number, numbers: readonly number[]): void {
    const { index, ledger } = this.#parts
    index.updateEntry(item.entry, { mode, mtimeNs: stamp.mtimeNs })
    ledger.addFile(item.entry, stamp.size, numbers)
    this.#filesDone++
    this.#current = showOsPath(item.path)
    this.report()
  }

  /** Leaves a file out, and its other names with it; what an earlier commit holds of it stays. */
  #fail(item: WorkItem, error: LmzErrorData): void {
    const { index, control, scanned } = this.#parts
    this.#passedOver = item.entry
    const path = showOsPath(item.path)
    const wasThere = index.entry(item.entry)?.content !== undefined
    const symlink = scanned.replaced.get(item.entry)
    const isKept = wasThere || symlink !== undefined
    control.problem({ path, error, outcome: isKept ? 'the older version was kept' : 'left out' })
    this.#bytesDone += item.size
    if (wasThere) return
    for (const link of scanned.linksOf.get(item.entry) ?? []) {
      control.problem({ path: index.pathOf(link).join('/'), error, outcome: 'left out' })
      index.removeEntry(link)
    }
    index.removeEntry(item.entry)
    if (symlink === undefined) return
    const { parent, name, rawName, mode, mtimeNs, target } = symlink
    index.addEntry({ parent, name, rawName, kind: 'symlink', mode, mtimeNs, target })
  }

  #countDone(kind: ContentKind, bytes: number): void {
    this.#bytesDone += bytes
    this.#parts.costs.bytesDone(kind, bytes)
  }

  report(force = false): void {
    const { scanned, control, costs, pool } = this.#parts
    if (!force && !control.isProgressDue) return
    const { entries: entriesTotal, bytes: bytesTotal } = scanned
    const bytes = Math.min(this.#bytesDone, bytesTotal)
    const share = costs.share(bytes, bytesTotal, pool.size)
    const done = { entries: this.#filesDone, bytes, share }
    control.progress({ phase: 'work', ...done, entriesTotal, bytesTotal, current: this.#current }, force)
  }
}

/**
 * The chunks of a file, or segment of one, that blocks begin with: the first ones of its large tensors. So to read a tensor, little else
 * is decoded.
 */
function blockStartsOf({ tensors }: IngestedFile): ReadonlySet<number> {
  return new Set(tensors.filter(({ offset }) => offset <= 0).map(({ first }) => first))
}

function endsInTensor({ tensors, length, ends }: IngestedFile): boolean {
  const last = tensors.at(-1)
  if (last === undefined || last.first + last.count !== ends.length) return false
  const start = last.first === 0 ? 0 : (ends[last.first - 1] ?? 0)
  return last.offset + (length - start) < last.tensor.bytes
}

function* batchesOf(items: Iterable<WorkItem>): Generator<Batch> {
  let batch: WorkItem[] = []
  let bytes = 0
  const take = (): Batch => {
    const taken = batch
    batch = []
    bytes = 0
    return { items: taken, requests: taken.map(({ path, size }) => ({ path, size, offset: 0, length: size })) }
  }
  for (const item of items) {
    if (item.size > segmentLimit) {
      if (batch.length > 0) yield take()
      for (let offset = 0; offset < item.size; offset += segmentLimit) {
        const length = Math.min(segmentLimit, item.size - offset)
        yield { items: [item], requests: [{ path: item.path, size: item.size, offset, length }] }
      }
      continue
    }
    if (batch.length > 0 && (bytes + item.size > segmentLimit || batch.length >= mostFilesInBatch)) yield take()
    batch.push(item)
    bytes += item.size
  }
  if (batch.length > 0) yield take()
}
