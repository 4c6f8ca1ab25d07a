import { setImmediate as letOthersRun } from 'node:timers/promises'
import { LmzError } from '../contract/error'
import { type Footer, readDisplacedFooter } from '../format/footer'
import { frameTypes } from '../format/frame'
import { scanFrames } from '../format/scan'
import { authenticCommit } from './encryption/authentic-commit'
import type { ArchiveSource } from './storage'

/** A footer where it was found, which need not be where it was written for. */
export interface FoundFooter {
  readonly position: number
  readonly footer: Footer
}

/** What scanning finds in a stretch of an archive, in the order of the file. */
export interface FrameSurvey {
  /** Positions of index frames. */
  readonly indexes: readonly number[]
  readonly footers: readonly FoundFooter[]
  readonly blocks: number
}

/** Looks at all frames of an archive from a position on, by their headers; footers are checked whole. */
export async function surveyFrames(
  source: ArchiveSource,
  from: number,
  archiveTag: number | undefined,
): Promise<FrameSurvey> {
  const indexes: number[] = []
  const footers: FoundFooter[] = []
  let blocks = 0
  let looked = 0
  for (const frame of scanFrames(source, from, archiveTag)) {
    if (++looked % 1000 === 0 || frame === undefined) await letOthersRun()
    if (frame === undefined) continue
    const { header, position } = frame
    if (header.type === frameTypes.block) blocks++
    if (header.type === frameTypes.index) indexes.push(position)
    const found = header.type === frameTypes.footer ? footerAt(source, position) : undefined
    const footer = found === undefined ? undefined : authenticCommit(source, found)
    if (footer !== undefined) footers.push({ position, footer })
  }
  return { indexes, footers, blocks }
}

/** @returns undefined for one that is damaged, or that says what no footer can */
function footerAt(source: ArchiveSource, position: number): Footer | undefined {
  try {
    return readDisplacedFooter(source, position)
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return undefined
    throw cause
  }
}
