import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Everything of a tree that a round trip must keep, by path: kind, mode, time to the microsecond, contents, link targets,
 * and which names are one file.
 */
export function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  const names = new Map<bigint, string>()
  const visit = (path: Buffer, shown: string): void => {
    const stats = lstatSync(path, { bigint: true })
    const time = stats.mtimeNs / 1000n
    const mode = (stats.mode & 0o777n).toString(8)
    if (stats.isSymbolicLink()) {
      found[shown] = `link ${readlinkSync(path)}`
    } else if (stats.isDirectory()) {
      found[shown] = `folder ${mode} ${time}`
      for (const name of readdirSync(path, { encoding: 'buffer' }).sort((left, right) => Buffer.compare(left, right))) {
        visit(Buffer.concat([path, Buffer.from('/'), name]), `${shown}/${name.toString('latin1')}`)
      }
    } else {
      const first = names.get(stats.ino)
      names.set(stats.ino, first ?? shown)
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
      found[shown] = `file ${mode} ${time} ${stats.size} ${hash}${first === undefined ? '' : ` = ${first}`}`
    }
  }
  for (const name of readdirSync(folder, { encoding: 'buffer' })) {
    visit(Buffer.concat([Buffer.from(`${folder}/`), name]), name.toString('latin1'))
  }
  return found
}
