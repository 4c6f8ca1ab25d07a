import { basename } from 'node:path'
import type { Base } from '../../codecs/codec'
import { baseOfCodec } from '../../codecs/registry'
import { contentKindOf } from '../../contract/content-kind'
import { LmzError, toLmzError } from '../../contract/error'
import { frameTypes, maximumBlockLength } from '../../format/frame'
import { readFrame } from '../../format/frame-reader'
import { guessArchiveTag, scanFrames, type ScannedFrame } from '../../format/scan'
import { IndexWriter } from '../../index/index-writer'
import { blake3 } from '../../kernels/blake3'
import { ArchiveWriter } from '../archive-writer'
import { decodePayload } from '../block-reader'
import { chunkHint } from '../packing/chunk-table'
import { packIndex } from '../index-frame'
import type { JobControl } from '../job-control'
import { enterLineage } from '../encryption/lineage'
import type { MasterKey } from '../encryption/master-key'
import { FoundPrimers, type FoundPrimer } from '../primer/found-primers'
import { PrimerShelf } from '../primer/shelf'
import { creator } from '../settings'
import { type ArchiveSource, type Storage } from '../storage'
import { unlockSource } from '../encryption/unlock'

const readableMode = 0o644

/**
 * Makes a new archive of all blocks that can be found by scanning and still decode, each as a file named after its
 * number and kind: "block 000012 text".
 * @returns what opens the new archive, if the damaged one was encrypted
 * @throws LmzError `Corrupt` if there are none, `Auth` if the password is missing or wrong
 */
export async function salvageBlocks(
  damaged: string,
  target: string,
  control: JobControl,
  storage: Storage,
): Promise<MasterKey | undefined> {
  const file = storage.openSource(damaged)
  const source = await unlockSource(file, basename(damaged), control.unlock).catch((cause: unknown) => {
    file.close()
    throw cause
  })
  const masterKey = source.encryption?.masterKey.renewed()
  const index = IndexWriter.create()
  const writer = await ArchiveWriter.create(target, storage, { mayReplace: false, masterKey })
  try {
    index.setSetting('creator', creator)
    if (masterKey !== undefined) enterLineage(index, new Map(), writer.lineage)
    let found = 0
    const copied = new Map<string, CopiedBlock>()
    const primers = new FoundPrimers(source)
    const copy = { source, primers, copied, index, writer, shelf: new PrimerShelf(writer, index) }
    for (const frame of scanFrames(source, 0, tagOf(source))) {
      await control.checkpoint()
      const bytes = frame?.position ?? 0
      control.progress({ phase: 'work', entries: found, bytes, bytesTotal: source.size })
      if (frame?.header.type === frameTypes.primer) primers.note(frame)
      if (frame?.header.type !== frameTypes.block) continue
      // Numbers come again behind a change that was never finished; only a block that is the same throughout is a copy.
      const identity = identityOf(frame.header.id, frame.header.contentHash)
      if (copied.has(identity)) continue
      const newId = await copyBlock(frame, copy)
      if (newId === undefined) continue
      copied.set(identity, { position: frame.position, newId })
      found++
    }
    if (found === 0) {
      const message = `Nothing in ${basename(damaged)} can be saved: no block of it is whole. It was left as it is.`
      throw new LmzError('Corrupt', message, { subject: damaged })
    }
    const packed = await packIndex(index)
    await writer.commit(packed)
    await packed.dispose()
    return masterKey
  } catch (cause) {
    await writer.abort()
    throw toLmzError(cause, `Cannot salvage ${basename(damaged)}`, damaged)
  } finally {
    index.close()
    source.close()
    source.encryption?.forget()
  }
}

/** A footer that says what no footer can is no reason to give up the blocks: then the first frame tells whose they are. */
function tagOf(source: ArchiveSource): number | undefined {
  try {
    return guessArchiveTag(source)
  } catch (cause) {
    if (!(cause instanceof LmzError) || cause.code !== 'Format') throw cause
    for (const frame of scanFrames(source, 0, undefined)) if (frame !== undefined) return frame.header.archiveTag
    return undefined
  }
}

/** What tells a block from all others that a scan comes upon. */
function identityOf(id: number, contentHash: Uint8Array): string {
  return `${id} ${Buffer.from(contentHash).toString('hex')}`
}

interface CopiedBlock {
  /** In the damaged archive. */
  readonly position: number
  readonly newId: number
}

interface BlockCopy {
  readonly source: ArchiveSource
  readonly primers: FoundPrimers
  /** By identity. */
  readonly copied: ReadonlyMap<string, CopiedBlock>
  readonly index: IndexWriter
  readonly writer: ArchiveWriter
  readonly shelf: PrimerShelf
}

/** @returns its number in the copy; undefined if the block is not whole, or what it is coded against was not found */
async function copyBlock(frame: ScannedFrame, copy: BlockCopy): Promise<number | undefined> {
  const { source, index, writer, shelf } = copy
  const { id, codec, kind, rawLength, storedLength, contentHash } = frame.header
  if (rawLength === 0 || rawLength > maximumBlockLength || storedLength > maximumBlockLength) return undefined
  const stored = payloadOf(frame, source)
  if (stored === undefined) return undefined
  const base = baseOfCodec(codec) === undefined ? undefined : foundBase(stored, codec, copy)
  const decoded = decodeFound(stored, frame, copy.primers, base)
  if (decoded === undefined) return undefined
  const { raw } = decoded
  const payload = base === undefined ? stored : base.payload
  const primer = decoded.primer === undefined ? undefined : await shelf.idOf(decoded.primer)
  const name = freeName(index, `block ${String(id).padStart(6, '0')} ${contentKindOf(kind)}`)
  const newId = index.lastBlockId() + 1
  const newPosition = await writer.writeBlock(newId, { codec, kind, rawLength, contentHash, stored: payload, primer }, [
    { length: rawLength, hint: chunkHint(blake3(raw)) },
  ])
  const block = { id: newId, position: newPosition, storedLength, rawLength, codec, kind, primer }
  const { firstChunk } = index.addBlock({ ...block, chunkLengths: [rawLength] })
  const content = index.addContent({ size: rawLength, runs: [{ firstChunk, chunkCount: 1 }] })
  const mtimeNs = BigInt(Date.now()) * 1_000_000n
  index.addEntry({ parent: 0, name, kind: 'file', mode: readableMode, mtimeNs, content })
  return newId
}

/** @returns undefined for one that is damaged */
function payloadOf({ position }: ScannedFrame, source: ArchiveSource): Uint8Array | undefined {
  try {
    return readFrame(source, position).payload()
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return undefined
    throw cause
  }
}

/** The block that another is coded against, and its payload with the number that block has in the copy; undefined if it was not copied. */
function foundBase(stored: Uint8Array, codec: number, { source, primers, copied }: BlockCopy): FoundBase | undefined {
  const based = baseOfCodec(codec)
  if (based === undefined) return undefined
  try {
    const name = based.name(stored)
    const known = copied.get(identityOf(name.id, name.hash))
    if (known === undefined) return undefined
    const { position, newId } = known
    const { header, payload } = headerAndPayload(source, position)
    // A base has none itself, whatever an archive claims.
    if (baseOfCodec(header.codec) !== undefined) return undefined
    const decoded = decodeFound(payload, { header, position }, primers, undefined)
    return decoded && { base: { ...name, bytes: decoded.raw }, payload: based.renamed(stored, newId) }
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return undefined
    throw cause
  }
}

interface FoundBase {
  readonly base: Base
  readonly payload: Uint8Array
}

function headerAndPayload(source: ArchiveSource, position: number) {
  const frame = readFrame(source, position)
  return { header: frame.header, payload: frame.payload() }
}

/** @returns undefined if the block is damaged, or no primer is left with which it decodes to what it was */
function decodeFound(
  stored: Uint8Array,
  { header, position }: Pick<ScannedFrame, 'header' | 'position'>,
  primers: FoundPrimers,
  found: FoundBase | undefined,
): { readonly raw: Uint8Array; readonly primer: FoundPrimer | undefined } | undefined {
  for (const primer of primers.candidates(header.primer)) {
    try {
      return { raw: decodePayload(stored, header, position, { primer, base: found?.base }), primer }
    } catch {
      continue
    }
  }
  return undefined
}

function freeName(index: IndexWriter, name: string): string {
  let free = name
  for (let count = 2; index.entryAt(0, free) !== undefined; count++) free = `${name} (${count})`
  return free
}
