import type { ArchiveInfo } from './archive-info'
import type { ContentKind } from './content-kind'
import type { Entry, EntryKind } from './entry'
import type { LmzErrorData } from './error'
import type {
  ArchiveAccount,
  BlockContest,
  BlockPage,
  BlockSizeTrial,
  ByteForecast,
  FileAccount,
  SurpriseMap,
  SurpriseModel,
} from './insight'
import type { JobRequest } from './job'
import type { JobSecrets } from './password'
import type { Problem } from './problem'
import type { Progress } from './progress'
import type { OverwriteAnswer, OverwriteQuestion } from './question'
import type { Report } from './report'
import type { TensorApi } from './tensor'

export type JobStatus = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled'

/** A job as shells see it: the whole state each time, so that nothing has to be pieced together. */
export interface JobState {
  readonly id: number
  readonly request: JobRequest
  readonly status: JobStatus
  readonly progress?: Progress | undefined
  readonly problemCount: number
  readonly report?: Report | undefined
  readonly error?: LmzErrorData | undefined
}

/** What a shell can ask of the engine. Every call fails with {@link LmzErrorData} as data, never with a foreign error. */
export interface EngineApi extends TensorApi {
  /**
   * Puts a job at the end of the queue; one runs at a time, since each uses all cores.
   * @param secrets passwords, which are told nobody and forgotten when the job has ended
   * @returns the job's id
   */
  submit(request: JobRequest, secrets?: JobSecrets): number
  /** Takes effect within half a second and leaves nothing behind. */
  cancel(job: number): void
  pause(job: number): void
  resume(job: number): void
  /** Answers a question event. */
  answer(question: number, answer: OverwriteAnswer): void
  jobs(): readonly JobState[]
  /** Removes what a job left beside its archive when its engine was killed. For shells, not for windows. */
  tidyUp(archive: string): void
  /** Worker threads of jobs that begin from now on; 0 for as many as there are cores, up to 8. For shells, not for windows. */
  useThreads(count: number): void

  /**
   * Opens an archive for looking around. An encrypted one fails with `Auth` for as long as its password is missing or wrong.
   * @returns a handle for the calls below
   */
  openArchive(path: string, password?: string): Promise<{ readonly handle: number; readonly info: ArchiveInfo }>
  closeArchive(handle: number): void
  /** Entries of a directory (0: the top level) sorted by name. */
  children(handle: number, directory: number, page: Page): readonly Entry[]
  /** Entries whose name, or path if the pattern has a "/", matches. */
  search(handle: number, pattern: string, page: Page): readonly Entry[]
  /** Entries of a directory as a window shows them, in any order, directories first. */
  list(handle: number, directory: number, order: RowOrder, page: Page): Promise<RowPage>
  /** Rows whose name (or path, if the text has a "/") contains the text, whatever its case, below a directory; best matches first. */
  find(handle: number, directory: number, text: string, order: RowOrder | undefined, page: Page): Promise<RowPage>
  /** The directories in a directory, by name: for a tree. */
  folders(handle: number, directory: number): Promise<readonly EntryRow[]>
  /** Where the stored bytes below a directory are, as nested rectangles can show it: the largest, the rest summed up. */
  shares(handle: number, directory: number, most: number): Promise<Share>
  pathOf(handle: number, entry: number): readonly string[]
  /** Bytes of a file; decodes only the blocks they lie in. */
  read(handle: number, entry: number, offset: number, length: number): Promise<Uint8Array>

  /** What the archive's bytes are spent on; decodes nothing. */
  account(handle: number): Promise<ArchiveAccount>
  /** The same for one file. */
  fileAccount(handle: number, entry: number): Promise<FileAccount>
  blocks(handle: number, page: Page): BlockPage
  /** At most so many blocks that stand for all, by their ids: the more bytes are stored of a kind and codec, the more of its blocks. */
  blockSample(handle: number, most: number): readonly number[]
  /** Codes a block with every codec that could have been used; seconds, with `neural` some twenty. */
  contest(handle: number, block: number): Promise<BlockContest>
  /** Codes a sample of the archive anew in blocks of another size. */
  tryBlockSize(handle: number, blockSize: number, sampleBytes: number): Promise<BlockSizeTrial>
  /**
   * What the bytes of a file cost, from `offset` on: at most `length` of them and not beyond the block that the first lies in.
   * @param model whose word it is to be; the one that coded the block, or else mix, if it is not given
   */
  surprise(handle: number, entry: number, offset: number, length: number, model?: SurpriseModel): Promise<SurpriseMap>
  /** What was held likely at a byte of a file: the `most` likeliest bytes. */
  forecast(handle: number, entry: number, offset: number, most: number, model?: SurpriseModel): Promise<ByteForecast>
  /** Breaks off `contest`, `tryBlockSize`, `surprise` and `forecast` of this archive at once; they fail with `Cancelled`. */
  stopInsight(handle: number): void
}

export const rowColumns = ['name', 'size', 'stored', 'bits', 'kind', 'modified'] as const
export type RowColumn = (typeof rowColumns)[number]

export interface RowOrder {
  readonly column: RowColumn
  readonly descending: boolean
}

/** An entry as one row of a window. */
export interface EntryRow {
  readonly id: number
  readonly parent: number
  readonly name: string
  readonly kind: EntryKind
  /** What a file holds; undefined for other kinds, and where it is not in the archive. */
  readonly contentKind?: ContentKind | undefined
  /** Bytes; of a directory, the sum of all below it, once that is known. */
  readonly size?: number | undefined
  /** The share that its bytes have of the blocks they lie in, in bytes of the archive; equal files share theirs. As `size` for a directory. */
  readonly stored?: number | undefined
  /** Milliseconds since 1970. */
  readonly mtimeMs: number
  /** Of a directory: how many entries are in it. */
  readonly items?: number | undefined
  /** Of a directory: whether any of them is a directory. */
  readonly hasFolders?: boolean | undefined
  /** Of a symlink: where it points. */
  readonly target?: string | undefined
  /** Whether its permissions say that it can be run. */
  readonly isExecutable?: boolean | undefined
  /** Whether the archive was cut off before it was stored. */
  readonly isMissing?: boolean | undefined
  /** Of a found row: the path of its directory, "/"-separated. */
  readonly place?: string | undefined
}

export interface RowPage {
  /** Rows there are in all. */
  readonly total: number
  readonly rows: readonly EntryRow[]
}

/** A part of the stored bytes. */
export interface Share {
  /** 0 for what is summed up. */
  readonly id: number
  readonly name: string
  readonly isDirectory: boolean
  readonly size: number
  readonly stored: number
  readonly contentKind?: ContentKind | undefined
  readonly parts?: readonly Share[] | undefined
}

export interface Page {
  /** How many to pass over. */
  readonly offset: number
  readonly limit: number
}

/** What the engine tells shells without being asked. */
export interface EngineEvents {
  jobChanged(job: JobState): void
  problem(job: number, problem: Problem): void
  question(question: number, job: number, detail: OverwriteQuestion): void
}
