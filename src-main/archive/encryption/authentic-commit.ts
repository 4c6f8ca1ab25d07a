import { type Footer, footerHash, isRepeatOf, readFooter } from '../../format/footer'
import { equalBytes } from '../../format/frame'
import type { ArchiveSource } from '../storage'

/** A commit as those who know the password made it; one of an archive that is not encrypted is taken as it is. */
export function authenticCommit({ encryption }: Pick<ArchiveSource, 'encryption'>, footer: Footer): Footer | undefined {
  return encryption === undefined ? footer : encryption.authentic(footer)
}

/** The commit before another one; undefined for the first one, and where the one before is damaged. */
export function commitBefore(source: ArchiveSource, { previous: { position, hash } }: Footer): Footer | undefined {
  const previous = position === 0 ? undefined : readFooter(source, position)
  const isLinked = previous !== undefined && equalBytes(footerHash(previous), hash)
  return isLinked ? authenticCommit(source, previous) : undefined
}

/** Commits that change nothing but passwords, one behind the other: nobody makes more than a few. */
const mostChanges = 1000

/**
 * Whether a commit has the same state as an earlier one, of which its index is the second copy. Changes of passwords may lie between: they
 * go on naming the index that was there.
 * @param earlier as it stands in the file
 */
export function isSameState(source: ArchiveSource, commit: Footer, earlier: Footer): boolean {
  let repeat: Footer | undefined = commit
  for (let steps = 0; repeat !== undefined && steps < mostChanges; steps++) {
    if (isRepeatOf(repeat, earlier)) return true
    const before: Footer | undefined = commitBefore(source, repeat)
    repeat = before?.index.position === repeat.index.position ? before : undefined
  }
  return false
}
