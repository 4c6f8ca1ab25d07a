import type { ScratchDatabase } from './scratch-database'

/** Keeps track of which hard links stand for which file, since the index itself has no way to look that up. */
export const linkTables = `
  CREATE TEMP TABLE hard_link(file INTEGER, entry INTEGER, PRIMARY KEY(file, entry)) WITHOUT ROWID;
  CREATE TEMP TABLE doomed(id INTEGER PRIMARY KEY)`

export function noteHardLink(database: ScratchDatabase, file: number, entry: number): void {
  database.run('INSERT INTO temp.hard_link VALUES(?, ?)', file, entry)
}

/**
 * Removes an entry and all below it. Of a file that has hard links elsewhere, the first of them becomes the file.
 * @returns how many entries were removed
 */
export function removeSubtree(database: ScratchDatabase, id: number): number {
  database.run('DELETE FROM temp.doomed')
  database.run(
    `INSERT INTO temp.doomed WITH RECURSIVE below(id) AS (SELECT id FROM main.entry WHERE id = ? UNION ALL
      SELECT child.id FROM main.entry AS child JOIN below ON child.parent = below.id) SELECT id FROM below`,
    id,
  )
  const survivors = `SELECT file, min(entry) FROM temp.hard_link
    WHERE file IN (SELECT id FROM temp.doomed) AND entry NOT IN (SELECT id FROM temp.doomed) GROUP BY file LIMIT 512`
  for (let page = database.rows(survivors); page.length > 0; page = database.rows(survivors)) {
    for (const [file, heir] of page) promote(database, Number(file), Number(heir))
  }
  database.run('DELETE FROM temp.hard_link WHERE entry IN (SELECT id FROM temp.doomed)')
  return database.run('DELETE FROM main.entry WHERE id IN (SELECT id FROM temp.doomed)')
}

/** Lets the first hard link of a file, if it has any, take its place and content, and the others follow. */
export function releaseLinks(database: ScratchDatabase, file: number): void {
  const heir = database.row('SELECT min(entry) FROM temp.hard_link WHERE file = ?', file)?.[0]
  if (typeof heir === 'bigint') promote(database, file, Number(heir))
}

/** The heir is the smallest id, so that links still point to a smaller one. */
function promote(database: ScratchDatabase, file: number, heir: number): void {
  const content = 'SELECT content FROM main.entry WHERE id = ?'
  database.run(`UPDATE main.entry SET kind = 0, link = NULL, content = (${content}) WHERE id = ?`, file, heir)
  database.run('DELETE FROM temp.hard_link WHERE file = ? AND entry = ?', file, heir)
  const others = 'SELECT entry FROM temp.hard_link WHERE file = ?'
  database.run(`UPDATE main.entry SET link = ? WHERE id IN (${others})`, heir, file)
  database.run('UPDATE temp.hard_link SET file = ? WHERE file = ?', heir, file)
}

/** Removes contents that no entry has; their chunks stay in their blocks. @returns how many */
export function removeUnusedContents(database: ScratchDatabase): number {
  const used = 'SELECT content FROM main.entry WHERE content IS NOT NULL'
  const removed = database.run(`DELETE FROM main.content WHERE id NOT IN (${used})`)
  if (removed > 0) database.run('DELETE FROM main.extent WHERE content NOT IN (SELECT id FROM main.content)')
  return removed
}
