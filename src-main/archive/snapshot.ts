import { baseOfCodec } from '../codecs/registry'
import type { ArchiveInfo } from '../contract/archive-info'
import { isDamage, LmzError } from '../contract/error'
import { formatBytes } from '../contract/format-bytes'
import { type Footer, footerEnd } from '../format/footer'
import { secretIndexHash } from '../format/footer-authentication'
import { archiveTagOf, equalBytes } from '../format/frame'
import { decodeHeader, hasHeaderMagic, headerLength } from '../format/header'
import { findLastFooter, guessArchiveTag } from '../format/scan'
import type { ArchiveIndex } from '../index/archive-index'
import type { Block } from '../index/rows'
import { authenticCommit, isSameState } from './encryption/authentic-commit'
import { baseRow, withBase } from './bases/base-block'
import { BlockNeeds } from './bases/block-needs'
import { readBlock } from './block-reader'
import { type FrameSurvey, surveyFrames } from './frame-survey'
import { openIndexFrame } from './index-frame'
import { Lineages } from './encryption/lineage'
import { type FramePlaces, isBlockAt, locateBlock, locatePrimer } from './locate-block'
import { readPrimer } from './primer/reader'
import type { ArchiveSource } from './storage'

/** The state an archive was opened in. */
export interface Snapshot {
  readonly index: ArchiveIndex
  readonly archiveTag: number
  /** The commit in force; undefined when only an index without its commit was left. */
  readonly footer: Footer | undefined
  readonly condition: ArchiveInfo['condition']
  readonly notices: readonly string[]
  /**
   * How many bytes behind its recorded position the index was found (negative: before it), because the archive gained or
   * lost bytes. Blocks from there on are off by as much; 0 for any archive that kept its length.
   */
  readonly shift: number
  /** Number of the newest commit that is left, though its index may be lost; 0 if there is none. */
  readonly newestSequence: number
  /** Bytes behind the newest commit: of a change that was not finished, or of one whose end is damaged. */
  readonly tailBytes: number
}

/** Indexes that are tried before giving up: each may take a second, and a file can claim to have millions. */
const mostTries = 100

/**
 * Finds the newest state that is intact.
 * @throws LmzError as Archive.open
 */
export async function findSnapshot(source: ArchiveSource, name: string): Promise<Snapshot> {
  const firstBytes = source.read(0, Math.min(headerLength, source.size))
  const header = decodeHeader(firstBytes)
  const notices: string[] = []
  if (header === undefined) notices.push(`The first bytes of ${name} are damaged; they are not needed for reading.`)
  const headerTag = header === undefined ? undefined : archiveTagOf(header.archiveId)
  const newest = findLastFooter(source, source.size, headerTag)
  if (newest === undefined) {
    if (header === undefined && !hasHeaderMagic(firstBytes) && guessArchiveTag(source) === undefined) {
      throw new LmzError('Format', `${name} is not an lmz archive.`, { subject: name })
    }
    return openWithoutCommit(source, name)
  }
  if (header !== undefined && !equalBytes(header.archiveId, newest.archiveId)) throw twoArchives(name)
  const last = authenticCommit(source, newest)
  const tailBytes = source.size - footerEnd(newest)
  const found = { shift: 0, newestSequence: last?.sequence ?? 0, tailBytes }
  let footer: Footer | undefined = newest
  for (let tries = 0; footer !== undefined && tries < mostTries; tries++) {
    const commit = authenticCommit(source, footer)
    const index = commit === undefined ? undefined : await openIndexOf(source, commit)
    if (commit === undefined || index === undefined) {
      footer = findLastFooter(source, footer.position, archiveTagOf(newest.archiveId))
      continue
    }
    const archiveTag = archiveTagOf(commit.archiveId)
    // A commit that is protected writes its index twice.
    const isSecondCopy = footer !== newest && last !== undefined && isSameState(source, last, footer)
    if (isSecondCopy) notices.push(`One of the two lists of files of ${name} is damaged; the other one is used.`)
    if (footer !== newest && !isSecondCopy) {
      notices.unshift(olderStateNotice(name, commit))
      return { ...found, index, archiveTag, footer: commit, condition: 'degraded', notices }
    }
    if (source.isSlotsCurrent === false) {
      notices.unshift(
        `The newest passwords of ${name} are damaged; it was opened with an older or partial copy of them.`,
      )
      return { ...found, index, archiveTag, footer: commit, condition: 'degraded', notices }
    }
    const state = isSecondCopy ? last : commit
    return { ...found, index, archiveTag, footer: state, condition: tailBytes > 0 ? 'torn' : 'intact', notices }
  }
  return openWithoutCommit(source, name)
}

/**
 * Finds the state that most can be saved of. A commit that cannot be opened, because its index is damaged or bytes were
 * lost or inserted before it, still shows by its footer; then the newest index before that is better than an older state.
 * @throws LmzError as Archive.open
 */
export async function findSnapshotForSalvage(source: ArchiveSource, name: string): Promise<Snapshot> {
  const snapshot = await findSnapshot(source, name)
  const { footer, archiveTag, condition } = snapshot
  if (footer === undefined || condition === 'intact') return snapshot
  const survey = await surveyFrames(source, footerEnd(footer), archiveTag)
  const last = survey.footers.at(-1)
  if (last === undefined || last.footer.sequence <= footer.sequence) return snapshot
  const indexes = survey.indexes.filter((position) => position < last.position)
  const found = await openNewest(source, { ...survey, indexes })
  if (found === undefined) return snapshot
  snapshot.index.close()
  const notices = [damageNotice(source, name, archiveTag, found)]
  return { ...found, archiveTag, footer: undefined, condition: 'degraded', notices }
}

/** @returns undefined if the index is damaged */
async function openIndexOf(source: ArchiveSource, footer: Footer): Promise<ArchiveIndex | undefined> {
  try {
    const { encryption } = source
    const nameOf = (hash: Uint8Array): Uint8Array =>
      encryption === undefined ? hash : secretIndexHash(hash, encryption.keys.footers)
    const isNamed = (hash: Uint8Array): boolean => equalBytes(nameOf(hash), footer.index.hash)
    return await openIndexFrame(source, footer.index.position, { isNamed })
  } catch (cause) {
    if (isDamage(cause)) return undefined
    throw cause
  }
}

/** The last resort for reading: the newest intact index of an archive whose commits are all lost, cut off for instance. */
async function openWithoutCommit(source: ArchiveSource, name: string): Promise<Snapshot> {
  const archiveTag = guessArchiveTag(source)
  const survey = await surveyFrames(source, 0, archiveTag)
  const found = await openNewest(source, survey)
  if (found !== undefined) {
    const tag = archiveTag ?? 0
    const notices = [damageNotice(source, name, tag, found)]
    return { ...found, archiveTag: tag, footer: undefined, condition: 'degraded', notices }
  }
  if (survey.blocks === 0 && findLastFooter(source) !== undefined) throw twoArchives(name)
  const left =
    survey.blocks === 0
      ? 'Nothing in it can be read.'
      : `Its list of files is lost, but ${survey.blocks} of its blocks look whole: lmz salvage ${name} <new archive> recovers their bytes.`
  throw new LmzError('Corrupt', `${name} is cut off or damaged after ${formatBytes(source.size)}. ${left}`, {
    subject: name,
  })
}

function twoArchives(name: string): LmzError {
  return new LmzError('Format', `${name} begins as one archive and ends as another.`, { subject: name })
}

type FoundIndex = Pick<Snapshot, 'index' | 'shift' | 'newestSequence' | 'tailBytes'>

async function openNewest(source: ArchiveSource, survey: FrameSurvey): Promise<FoundIndex | undefined> {
  for (const position of survey.indexes.toReversed().slice(0, mostTries)) {
    const shift = shiftOf(position, survey)
    try {
      const index = await openIndexFrame(source, position, { isDisplaced: shift < 0 })
      return { index, shift, newestSequence: 0, tailBytes: 0 }
    } catch (cause) {
      if (!(cause instanceof LmzError) || cause.code === 'Io' || cause.code === 'NoSpace') throw cause
    }
  }
  return undefined
}

/** The footer behind an index says where it was written for. */
function shiftOf(indexPosition: number, { footers }: FrameSurvey): number {
  const next = footers.find(({ position }) => position > indexPosition)
  return next === undefined ? 0 : next.position - next.footer.position
}

function damageNotice(
  source: ArchiveSource,
  name: string,
  archiveTag: number,
  { index, shift }: Pick<FoundIndex, 'index' | 'shift'>,
): string {
  const { files, storedFiles } = index.totals()
  const size = formatBytes(source.size)
  if (shift === 0)
    return `${name} is cut off or damaged after ${size}: ${storedFiles} of ${files} files can be extracted.`
  const lineages = source.encryption === undefined ? undefined : new Lineages(index.settings())
  const readable = storedFiles - countLost({ source, archiveTag, lineages, index, shift })
  const change = shift > 0 ? 'were inserted' : 'are missing'
  return `${formatBytes(Math.abs(shift))} ${change} in ${name}: ${readable} of ${files} files can be extracted.`
}

/** How many files have bytes in blocks that are at neither place, or that the insertion or the gap has hit. */
function countLost(places: FramePlaces): number {
  const { source, archiveTag, index, shift } = places
  const isPrimerLost = lostPrimers(places)
  const needs = new BlockNeeds()
  const lost = new Set<number>()
  const isWhole = (block: Block): boolean => {
    try {
      readBlock(source, withBase(places, locateBlock(places, block)), archiveTag, needs)
      return true
    } catch {
      return false
    }
  }
  let lastInPlace: Block | undefined
  for (const block of index.blocks()) {
    if (block.primer !== undefined && isPrimerLost.has(block.primer)) lost.add(block.id)
    if (isBlockAt(places, block, block.position)) {
      lastInPlace = block
      continue
    }
    // The header of the block before stands where it should, but its payload may not.
    if (lastInPlace !== undefined && !isWhole(lastInPlace)) lost.add(lastInPlace.id)
    lastInPlace = undefined
    if (!isBlockAt(places, block, block.position + shift)) lost.add(block.id)
  }
  if (lastInPlace !== undefined && !isWhole(lastInPlace)) lost.add(lastInPlace.id)
  for (const block of index.blocks()) {
    const base = baseOfCodec(block.codec) === undefined ? undefined : baseRow(places, block)
    if (base !== undefined && lost.has(base.id)) lost.add(block.id)
  }
  const files = new Set<number>()
  if (lost.size > 0) {
    for (const { block, pieces } of index.extractionPlan('all')) {
      if (lost.has(block.id)) for (const { entry } of pieces) files.add(entry)
    }
  }
  return files.size
}

/** Primers that are not whole at either place; they are few. */
function lostPrimers(places: FramePlaces): ReadonlySet<number> {
  const lost = new Set<number>()
  for (const { id } of places.index.primers()) {
    try {
      readPrimer(places.source, locatePrimer(places, id), places.archiveTag)
    } catch {
      lost.add(id)
    }
  }
  return lost
}

function olderStateNotice(name: string, footer: Footer): string {
  const when = new Date(footer.timeMs).toISOString().slice(0, 16).replace('T', ' ')
  return `The newest state of ${name} is damaged; its state of ${when} UTC (change ${footer.sequence}) is shown instead.`
}
