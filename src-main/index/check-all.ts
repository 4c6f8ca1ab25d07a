import type { IndexParts } from './index-parts'
import { type Block, fault, natural, type PrimerRow, type Run } from './rows'

/** How much of a check is done, in rows. */
export interface CheckProgress {
  readonly checked: number
  readonly total: number
}

/** Milliseconds between two reports. */
const reportEvery = 50

/**
 * Checks every row of an index and everything rows say of each other: about 5 s for a million entries. Reports every 50 ms,
 * so that the caller can show progress and stop.
 *
 * Contents and chunks that no file uses are allowed: they are what a removal leaves until the archive is rewritten.
 * @throws LmzError `Format` that names the first row that breaks a rule; `Limit` for folders nested too deeply
 */
export function* checkAll(parts: IndexParts): Generator<CheckProgress> {
  const { database } = parts
  database.checkIntegrity()
  const count = (table: string) => natural(database.row(`SELECT count(*) FROM ${table}`)?.[0], 0, table, 'row count')
  const entries = count('entry')
  const total = count('primer') + count('block') + count('content') + count('extent') + 2 * entries
  // The entries one by one, and then by folder, for how deep they lie.
  const steps = [
    checkPrimers(parts),
    checkBlocks(parts, count('chunk')),
    checkContents(parts),
    parts.tree.all(),
    parts.tree.descendants(0),
  ]
  let checked = 0
  let reportAt = performance.now() + reportEvery
  for (const step of steps) {
    while (!step.next().done) {
      checked++
      if (performance.now() < reportAt) continue
      yield { checked, total }
      reportAt = performance.now() + reportEvery
    }
  }
}

function* checkPrimers({ database, primers }: IndexParts): Generator<PrimerRow> {
  yield* primers.all()
  const sql = `SELECT id, primer FROM block WHERE primer IS NOT NULL AND primer NOT IN (SELECT id FROM primer) LIMIT 1`
  const [block, primer] = database.row(sql) ?? []
  if (block !== undefined) throw fault(`block ${String(block)}`, `there is no primer ${String(primer)}`)
}

function* checkBlocks({ blocks }: IndexParts, chunkCount: number): Generator<Block> {
  let inBlocks = 0
  for (const block of blocks.all()) {
    blocks.chunkLengths(block)
    inBlocks += block.chunkCount
    yield block
  }
  if (inBlocks !== chunkCount) throw fault('the chunks', `there are ${chunkCount}, but the blocks hold ${inBlocks}`)
}

function* checkContents({ database, contents }: IndexParts): Generator<Run> {
  // To go through the runs of a content is to check them.
  for (const head of contents.heads()) yield* contents.runs(head)
  const sql = 'SELECT content FROM extent WHERE content NOT IN (SELECT id FROM content) LIMIT 1'
  const orphan = database.row(sql)?.[0]
  if (orphan !== undefined) throw fault(`content ${String(orphan)}`, 'it has further runs but no first one')
}
