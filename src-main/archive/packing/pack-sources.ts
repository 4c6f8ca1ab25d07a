import { lstatSync } from 'node:fs'
import { presets } from '../../codecs/presets'
import type { ContentKind } from '../../contract/content-kind'
import { fileIdentity } from '../../intake/file-stamp'
import type { IndexWriter } from '../../index/index-writer'
import { WorkList } from '../../index/work-list'
import type { Archive } from '../archive'
import type { ArchiveWriter } from '../archive-writer'
import { BaseShelf } from '../bases/base-shelf'
import type { ChunkTable } from './chunk-table'
import type { ContentLedger } from './content-ledger'
import { earlierTensors } from '../bases/earlier-tensors'
import { FilePacker } from './file-packer'
import { packIndex } from '../index-frame'
import { protectionFor } from '../protection/protection-for'
import type { JobControl } from '../job-control'
import { Packer } from './packer'
import { ChosenPrimers } from '../primer/chosen-primers'
import { EarlierPrimers } from '../primer/earlier-primers'
import { selectPrimers } from '../primer/selection'
import { PrimerShelf } from '../primer/shelf'
import { scanSources } from './scan-sources'
import { blockSizesOf, chunkSizesFor, type PackSettings } from '../settings'
import type { StoredChunks } from './stored-chunks'
import { costsOfPacking } from '../work-costs'
import { withPool } from '../workers/worker-pool'

/** The state of an archive being written, common to create and add. */
export interface PackState {
  readonly writer: ArchiveWriter
  readonly index: IndexWriter
  readonly settings: PackSettings
  readonly control: JobControl
  readonly table: ChunkTable
  readonly ledger: ContentLedger
  /** What earlier commits hold; none in a new archive. */
  readonly storedChunks?: StoredChunks
  /** The archive that is added to; none for a new one. */
  readonly archive?: Archive
  /** Whether to look for primers; false leaves them out. */
  readonly primers?: boolean | undefined
}

export interface SourceOptions {
  readonly roots: readonly string[]
  readonly exclude: readonly string[]
  /** Paths to pass over in silence: the archive itself, its lock and its unfinished self. */
  readonly skip: readonly string[]
  /** The entry that they go into; the top level if not given. */
  readonly folder?: number | undefined
}

/** A checkpoint costs at most this share of the data before it, so that all of them cost less than 0.5 %. */
const checkpointShare = 1 / 256
const leastCheckpointDistance = 1024 * 1024
/** What zstd makes of an index, for a first estimate; afterwards the last one tells. */
const typicalIndexRatio = 0.3

/**
 * Brings the given files and folders into the archive, from the walk to the commit.
 * @throws LmzError; the caller then aborts the writer
 */
export async function packSources(state: PackState, sources: SourceOptions): Promise<void> {
  const { writer, index, settings, control, table, ledger } = state
  const { candidates, typicalMs } = presets[settings.preset]
  const work = new WorkList(index)
  const scanned = await scanSources(index, work, { ...sources, skip: identitiesOf(sources.skip) }, control)

  let indexedUpTo = writer.position
  let indexLength = index.estimatedBytes() * typicalIndexRatio
  const checkpointIfDue = async (): Promise<void> => {
    const distance = Math.max(leastCheckpointDistance, indexLength / checkpointShare)
    if (writer.position - indexedUpTo < distance) return
    const frame = await packIndex(index, { checkpoint: true })
    try {
      await writer.checkpoint(frame)
    } finally {
      await frame.dispose()
    }
    indexedUpTo = writer.position
    indexLength = frame.storedLength
  }

  const costs = costsOfPacking(scanned.bytesByKind, typicalMs)
  let bases: BaseShelf | undefined
  await withPool(control.signal, async (pool) => {
    const shelf = new PrimerShelf(writer, index)
    const { archive } = state
    bases = new BaseShelf(writer, archive && (() => earlierTensors(archive, pool, control)))
    const earlier = new EarlierPrimers(state.archive, pool, shelf)
    const selection = { work, pool, settings, control, earlier }
    const primers = state.primers === false ? new ChosenPrimers() : await selectPrimers(selection)
    const sizesOf = (kind: ContentKind) => blockSizesOf(settings, kind)
    const packer = new Packer({
      pool,
      writer,
      index,
      shelf,
      bases,
      control,
      blockSize: settings.blockSize,
      sizesOf,
      candidates: candidates.map(({ codec, effort, kinds }) => ({ codec: codec.number, effort, kinds })),
      watch: (kind, bytes) => costs.watch(kind, bytes),
      onStored: async (numbers, firstId, { rawLength, kind }) => {
        ledger.chunksStored(numbers, firstId)
        files.bytesStored(kind, rawLength)
        await checkpointIfDue()
        await control.checkpoint()
      },
    })
    const files = new FilePacker({
      index,
      pool,
      packer,
      primers,
      sizesOf,
      table,
      ledger,
      control,
      costs,
      chunking: { ...chunkSizesFor(settings.blockSize), gearTable: writer.encryption?.gearTable() },
      scanned,
      storedChunks: state.storedChunks,
    })
    await control.reporting(
      () => files.report(),
      async () => {
        await files.packAll(work)
        await packer.finish()
      },
    )
    files.finish()
  }).finally(() => bases?.close())

  control.throwIfCancelled()
  control.progress({ phase: 'finish', entries: scanned.entries, bytes: scanned.bytes }, true)
  index.removeUnusedContents()
  const frame = await packIndex(index)
  try {
    await writer.commit(frame, protectionFor(settings, control))
  } finally {
    await frame.dispose()
  }
}

function identitiesOf(paths: readonly string[]): ReadonlySet<string> {
  const identities = new Set<string>()
  for (const path of paths) {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    if (stats !== undefined) identities.add(fileIdentity(stats.dev, stats.ino))
  }
  return identities
}
