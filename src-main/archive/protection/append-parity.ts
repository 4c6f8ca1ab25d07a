import type { ProtectionLevel } from '../../contract/protection'
import type { Footer, ParityPlace } from '../../format/footer'
import type { ArchiveSink, Storage } from '../storage'
import { planRun } from './plan-run'
import { type OnCovered, writeRun } from './write-run'

/** How a commit is to be made repairable. */
export interface ParityOptions {
  readonly level: ProtectionLevel
  /** Only to try out what large archives are like on small ones. */
  readonly cellLength?: number | undefined
  readonly onCovered?: OnCovered | undefined
}

/** An archive that is being written. */
interface ParityTarget {
  readonly sink: ArchiveSink
  readonly storage: Storage
  /** Of the file, which may be an unfinished one. */
  readonly path: string
  /** Of the archive, for messages. */
  readonly name: string
}

/** Appends parity for all bytes from the end of the newest parity frame on. @throws LmzError `NoSpace`, `Io`, `Cancelled` */
export async function appendParity(
  { sink, storage, path, name }: ParityTarget,
  { parity, archiveId, sequence }: Footer,
  { level, cellLength, onCovered }: ParityOptions,
): Promise<ParityPlace> {
  const { position } = sink
  const from = parity === undefined ? 0 : parity.position + parity.length
  const previous =
    parity === undefined ? { position: 0, hash: new Uint8Array(16) } : { position: parity.position, hash: parity.hash }
  const run = planRun({ archiveId, from, position, previous }, level, cellLength)
  const source = storage.openSource(path)
  try {
    await writeRun(sink, { run, source, commit: sequence + 1, storage, path: name, onCovered })
  } finally {
    source.close()
  }
  return { position, length: sink.position - position, hash: run.hash }
}
