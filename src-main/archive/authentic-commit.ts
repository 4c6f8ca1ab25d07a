import type { Footer } from '../format/footer'
import type { ArchiveSource } from './storage'

/** A commit as those who know the password made it; one of an archive that is not encrypted is taken as it is. */
export function authenticCommit({ encryption }: Pick<ArchiveSource, 'encryption'>, footer: Footer): Footer | undefined {
  return encryption === undefined ? footer : encryption.authentic(footer)
}
