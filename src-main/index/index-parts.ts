import type { BlockTable } from './block-table'
import type { Contents } from './contents'
import type { EntryTree } from './entry-tree'
import type { UntrustedDatabase } from './open'
import type { PrimerTable } from './primer-table'

/** An opened index, as the queries over several tables see it. */
export interface IndexParts {
  readonly database: UntrustedDatabase
  readonly tree: EntryTree
  readonly contents: Contents
  readonly blocks: BlockTable
  readonly primers: PrimerTable
}
