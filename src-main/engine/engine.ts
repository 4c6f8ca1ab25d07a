import { Archive } from '../archive/archive'
import { archiveInfo } from '../archive/info'
import { ArchiveInsight } from '../archive/insight/archive-insight'
import { DecodingThread, FileReader } from '../archive/file-reader'
import { ArchiveRows } from '../archive/rows/archive-rows'
import { TensorExaminer } from '../archive/tensors/tensor-examiner'
import { tidyUpAfter } from '../archive/tidy-up'
import { chooseThreads } from '../archive/workers/worker-pool'
import type {
  EngineApi,
  EngineEvents,
  EntryRow,
  JobState,
  Page,
  RowOrder,
  RowPage,
  Share,
} from '../contract/engine-api'
import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import type {
  ArchiveAccount,
  BlockContest,
  BlockPage,
  BlockSizeTrial,
  ByteForecast,
  FileAccount,
  SurpriseMap,
  SurpriseModel,
} from '../contract/insight'
import type { JobRequest } from '../contract/job'
import type { JobSecrets } from '../contract/password'
import type { EffectiveRank, TensorPage, TensorStatistics } from '../contract/tensor'
import type { OverwriteAnswer } from '../contract/question'
import { JobQueue } from './job-queue'
import { checkedRequest } from './run-job'

/** The engine behind every shell: jobs and open archives. It knows no screen and no process; see process.ts. */
export class Engine implements EngineApi {
  readonly #queue: JobQueue
  readonly #archives = new Map<number, OpenArchive>()
  readonly #decoding = new DecodingThread()
  #nextHandle = 1

  constructor(events: EngineEvents) {
    this.#queue = new JobQueue(events)
  }

  submit(request: JobRequest, secrets?: JobSecrets): number {
    return this.#queue.submit(checkedRequest(request), secrets ?? {})
  }

  cancel(job: number): void {
    this.#queue.cancel(job)
  }

  pause(job: number): void {
    this.#queue.pause(job)
  }

  resume(job: number): void {
    this.#queue.resume(job)
  }

  answer(question: number, answer: OverwriteAnswer): void {
    this.#queue.answer(question, answer)
  }

  jobs(): readonly JobState[] {
    return this.#queue.states()
  }

  tidyUp(archive: string): void {
    tidyUpAfter(archive)
  }

  useThreads(count: number): void {
    chooseThreads(count)
  }

  async openArchive(path: string, password?: string) {
    const archive = await Archive.open(path, undefined, { password: password ?? undefined })
    const handle = this.#nextHandle++
    const rows = new ArchiveRows(archive)
    const files = new FileReader(archive, this.#decoding)
    const insight = new ArchiveInsight(archive, rows)
    const tensors = new TensorExaminer(archive, files)
    this.#archives.set(handle, { archive, rows, files, insight, tensors })
    return { handle, info: archiveInfo(archive) }
  }

  closeArchive(handle: number): void {
    const { archive, rows, files, insight, tensors } = this.#open(handle)
    this.#archives.delete(handle)
    rows.close()
    void Promise.all([files.close(), insight.close(), tensors.close()]).then(() => archive.close())
  }

  children(handle: number, directory: number, page: Page): readonly Entry[] {
    return take(this.#archive(handle).index.children(directory), page)
  }

  search(handle: number, pattern: string, page: Page): readonly Entry[] {
    return take(this.#archive(handle).index.search(pattern), page)
  }

  list(handle: number, directory: number, order: RowOrder, page: Page): Promise<RowPage> {
    return this.#rows(handle).list(directory, order, page)
  }

  find(
    handle: number,
    directory: number,
    text: string,
    order: RowOrder | null | undefined,
    page: Page,
  ): Promise<RowPage> {
    return this.#rows(handle).find(directory, text, order ?? undefined, page)
  }

  folders(handle: number, directory: number): Promise<readonly EntryRow[]> {
    return this.#rows(handle).folders(directory)
  }

  shares(handle: number, directory: number, most: number): Promise<Share> {
    return this.#rows(handle).shares(directory, most)
  }

  pathOf(handle: number, entry: number): readonly string[] {
    return this.#archive(handle).index.pathOf(entry)
  }

  read(handle: number, entry: number, offset: number, length: number): Promise<Uint8Array> {
    return this.#open(handle).files.read(entry, offset, length)
  }

  account(handle: number): Promise<ArchiveAccount> {
    return this.#insight(handle).account()
  }

  fileAccount(handle: number, entry: number): Promise<FileAccount> {
    return this.#insight(handle).fileAccount(entry)
  }

  blocks(handle: number, page: Page): BlockPage {
    return this.#insight(handle).blocks(page)
  }

  blockSample(handle: number, most: number): readonly number[] {
    return this.#insight(handle).blockSample(most)
  }

  contest(handle: number, block: number): Promise<BlockContest> {
    return this.#insight(handle).contest(block)
  }

  tryBlockSize(handle: number, blockSize: number, sampleBytes: number): Promise<BlockSizeTrial> {
    return this.#insight(handle).tryBlockSize(blockSize, sampleBytes)
  }

  surprise(handle: number, entry: number, offset: number, length: number, model?: SurpriseModel): Promise<SurpriseMap> {
    // Over a channel, what is not given may arrive as null.
    return this.#insight(handle).surprise(entry, offset, length, model ?? undefined)
  }

  forecast(handle: number, entry: number, offset: number, most: number, model?: SurpriseModel): Promise<ByteForecast> {
    return this.#insight(handle).forecast(entry, offset, most, model ?? undefined)
  }

  stopInsight(handle: number): void {
    void this.#insight(handle).stop()
  }

  tensors(handle: number, entry: number, { offset, limit }: Page): Promise<TensorPage | undefined> {
    return this.#open(handle).tensors.page(entry, offset, limit)
  }

  tensorStatistics(handle: number, entry: number, tensor: number): Promise<TensorStatistics> {
    return this.#open(handle).tensors.statistics(entry, tensor)
  }

  effectiveRank(handle: number, entry: number, tensor: number): Promise<EffectiveRank> {
    return this.#open(handle).tensors.effectiveRank(entry, tensor)
  }

  stopTensors(handle: number): void {
    void this.#open(handle).tensors.stop()
  }

  /** Cancels all jobs, waits until they have tidied up, and closes all archives. */
  async close(): Promise<void> {
    await this.#queue.close()
    await this.#decoding.close()
    for (const handle of this.#archives.keys()) this.closeArchive(handle)
  }

  #archive(handle: number): Archive {
    return this.#open(handle).archive
  }

  #rows(handle: number): ArchiveRows {
    return this.#open(handle).rows
  }

  #insight(handle: number): ArchiveInsight {
    return this.#open(handle).insight
  }

  #open(handle: number): OpenArchive {
    const open = this.#archives.get(handle)
    if (open === undefined) throw new LmzError('Usage', 'The archive is no longer open.')
    return open
  }
}

interface OpenArchive {
  readonly archive: Archive
  readonly rows: ArchiveRows
  readonly files: FileReader
  readonly insight: ArchiveInsight
  readonly tensors: TensorExaminer
}

function take(entries: Iterable<Entry>, { offset, limit }: Page): readonly Entry[] {
  const taken: Entry[] = []
  let passed = 0
  for (const entry of entries) {
    if (passed++ < offset) continue
    if (taken.push(entry) >= limit) break
  }
  return taken
}
