import type { Archive } from '../../archive/archive'
import { displayPath } from '../../archive/selection'
import type { Entry } from '../../contract/entry'
import { formatTime } from './wording'

/** An entry on one line, as `ls` would show it: "-rw-r--r--  812 2026-11-21 10:44 docs/readme.md". */
export function entryLine(archive: Archive, entry: Entry, { isLong }: { readonly isLong: boolean }): string {
  const path = displayPath(archive, entry.id) + (entry.kind === 'directory' ? '/' : '')
  if (!isLong) return path
  const target = entry.target === undefined ? '' : ` -> ${entry.target}`
  const otherName = entry.link === undefined ? '' : ` = ${displayPath(archive, entry.link)}`
  const time = formatTime(Number(entry.mtimeNs / 1_000_000n)).padEnd(16)
  return `${permissions(entry)} ${String(entry.size).padStart(12)} ${time} ${path}${target}${otherName}`
}

const kindLetters = { file: '-', directory: 'd', symlink: 'l', hardLink: 'h' } as const

function permissions({ kind, mode }: Entry): string {
  const letters = [6, 3, 0].map((shift) => {
    const bits = (mode >> shift) & 7
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`
  })
  return kindLetters[kind] + letters.join('')
}

/** An entry in JSON. `rawName` is the base64 of a name that is not valid UTF-8, `link` the path of a hard link's file. */
export function entryFields(archive: Archive, entry: Entry): object {
  const { kind, size, mode, mtimeNs, target, rawName, link } = entry
  return {
    path: displayPath(archive, entry.id),
    kind,
    size,
    mode,
    mtimeNs,
    ...(target === undefined ? {} : { target }),
    ...(link === undefined ? {} : { link: displayPath(archive, link) }),
    ...(rawName === undefined ? {} : { rawName: Buffer.from(rawName).toString('base64') }),
  }
}
