import { codecName } from '../codecs/registry'
import { LmzError, type LmzErrorData, toLmzError } from '../contract/error'
import type { VerifyReport } from '../contract/report'
import { headerLength } from '../format/header'
import { readKeySlots } from '../format/key-slots'
import type { Block } from '../index/rows'
import { Archive } from './archive'
import { JobControl, type JobOptions } from './job-control'
import { checkProtection } from './protection/health'
import { displayPath } from './selection'
import { diskStorage, type Storage } from './storage'
import { costsOfBlocks } from './work-costs'
import type { UnlockOptions } from './encryption/unlock'
import { type TaskWatch, withPool, type WorkerPool } from './workers/worker-pool'

/**
 * Checks everything an archive holds: every row of the index, and every block by reading, decoding and hashing it whole
 * and chunk by chunk. Nothing is written.
 * @returns each file that cannot be extracted as a problem
 * @throws LmzError if the archive cannot be opened at all, `Format` for an index that breaks the rules, `Cancelled`
 */
export async function verifyArchive(
  path: string,
  options: JobOptions & UnlockOptions = {},
  storage: Storage = diskStorage,
): Promise<VerifyReport> {
  const control = new JobControl(options)
  const archive = await Archive.open(path, storage, options)
  try {
    const steps = archive.index.checkAllInSteps()
    while (steps.next().done !== true) await control.checkpoint()
    const { files, rawBytes, uniqueBytes, blocks } = archive.index.totals()
    const { damaged, badHints } = await withPool(control.signal, (pool) =>
      checkBlocks(archive, pool, control, uniqueBytes),
    )
    const { damagedFiles, uncheckedFiles } = reportFiles(archive, damaged, control)
    const protection = await checkProtection(archive, control)
    const notices = [...archive.notices, ...control.notices]
    if (hasDamagedSlots(archive)) {
      notices.push('One copy of its passwords is damaged; another one is whole. The next change writes new copies.')
    }
    if (badHints > 0) {
      notices.push(
        `${badHints} blocks have damaged hints: data equal to theirs will be stored again. No file is affected.`,
      )
    }
    const { problems } = control
    const counts = { files, blocks, bytes: rawBytes, damagedFiles, uncheckedFiles }
    return { condition: archive.condition, ...counts, problems, notices, protection }
  } finally {
    archive.close()
  }
}

/** Whether an encrypted archive lost one of the copies of its key slots that it was written with. */
function hasDamagedSlots({ source, footer, encryption }: Archive): boolean {
  if (encryption === undefined || footer?.authentication === undefined) return false
  const isWhole = (position: number): boolean => readKeySlots(source, position)?.isWhole === true
  return !isWhole(headerLength) || !isWhole(footer.keySlots)
}

interface BlocksState {
  /** What is wrong with each damaged block, by its id. */
  readonly damaged: ReadonlyMap<number, LmzErrorData>
  /** Whole blocks whose trailer is damaged. */
  readonly badHints: number
}

async function checkBlocks(
  archive: Archive,
  pool: WorkerPool,
  control: JobControl,
  bytesTotal: number,
): Promise<BlocksState> {
  const damaged = new Map<number, LmzErrorData>()
  const underWay = new Set<Promise<void>>()
  const costs = costsOfBlocks(archive.index)
  let badHints = 0
  let bytes = 0
  let failure: unknown
  const check = async (block: Block): Promise<void> => {
    const codec = codecName(block.codec)
    const { error, hintsAgree } = await checkBlock(archive, block, pool, costs.watch(codec, block.rawLength))
    if (error !== undefined) damaged.set(block.id, error)
    if (!hintsAgree) badHints++
    bytes += block.rawLength
    costs.bytesDone(codec, block.rawLength)
    report()
  }
  const report = (force = false): void =>
    control.progress(
      { phase: 'work', entries: 0, bytes, bytesTotal, share: costs.share(bytes, bytesTotal, pool.size) },
      force,
    )
  report(true)
  await control.reporting(report, async () => {
    for (const block of archive.index.blocks()) {
      await control.checkpoint()
      const work = check(block)
        .catch((thrown: unknown) => (failure ??= thrown))
        .then(() => void underWay.delete(work))
      underWay.add(work)
      while (underWay.size >= pool.size * 2) await Promise.race(underWay)
      if (failure !== undefined) break
    }
    await Promise.all(underWay)
  })
  if (failure !== undefined) throw toLmzError(failure, 'Cannot check the archive')
  return { damaged, badHints }
}

/** What a check of a block found. */
interface BlockState {
  readonly error?: LmzErrorData
  readonly hintsAgree: boolean
}

async function checkBlock(archive: Archive, block: Block, pool: WorkerPool, watch: TaskWatch): Promise<BlockState> {
  try {
    const { lengths } = archive.index.chunkLengths(block.id)
    const hintsAgree = await archive.withBlock(block, (input) => pool.run('verify', { ...input, lengths }, watch))
    return { hintsAgree }
  } catch (thrown) {
    const isDamage = thrown instanceof LmzError && thrown.code !== 'Cancelled' && thrown.code !== 'Io'
    if (isDamage) return { error: thrown.toData(), hintsAgree: true }
    throw thrown
  }
}

/** Names every file with bytes in a damaged block, and every file that an unfinished archive does not hold. */
function reportFiles(archive: Archive, damaged: ReadonlyMap<number, LmzErrorData>, control: JobControl) {
  const { index } = archive
  const told = new Set<number>()
  let uncheckedFiles = 0
  const report = (entry: number, error: LmzErrorData): void => {
    if (told.has(entry)) return
    told.add(entry)
    if (error.code === 'ModelMissing') uncheckedFiles++
    control.problem({ path: displayPath(archive, entry), error, outcome: 'cannot be extracted' })
  }
  if (damaged.size > 0) {
    for (const { block, pieces } of index.extractionPlan('all')) {
      const error = damaged.get(block.id)
      if (error !== undefined) for (const { entry } of pieces) report(entry, error)
    }
  }
  if (archive.condition === 'degraded') {
    const missing = new LmzError('Corrupt', 'It lies in the part of the archive that is missing.').toData()
    for (const entry of index.descendants(0)) {
      if (entry.kind === 'file' && entry.content === undefined) report(entry.id, missing)
    }
  }
  return { damagedFiles: told.size - uncheckedFiles, uncheckedFiles }
}
