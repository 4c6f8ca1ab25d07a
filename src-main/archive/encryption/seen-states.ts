import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/*
 * An older copy of an encrypted archive is authentic too: nothing in the file tells that there was a newer one. So this computer keeps
 * in mind, for each encrypted archive it opened, the highest number of a commit it has seen. Archives are known by a tag that
 * their key gives, so that the record names none of them to whoever has no password.
 */

type SeenStates = Readonly<{ [tag: string]: number }>

/** More archives than this are not kept in mind: the oldest give way. */
const mostArchives = 1000

/**
 * Notes the commit that an archive was opened at.
 * @param tag names the archive
 * @returns the highest number seen before, 0 if none
 */
export function noteSeen(tag: Uint8Array, sequence: number, path: string = recordPath()): number {
  const key = Buffer.from(tag).toString('hex').slice(0, 32)
  const record = readRecord(path)
  const before = record[key] ?? 0
  if (sequence > before) {
    const { [key]: _old, ...others } = record
    const kept = Object.entries(others).slice(1 - mostArchives)
    writeRecord(path, Object.fromEntries([...kept, [key, sequence]]))
  }
  return before
}

function readRecord(path: string): SeenStates {
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof found !== 'object' || found === null) return {}
    const entries = Object.entries(found).filter(
      ([key, value]) => /^[0-9a-f]{32}$/.test(key) && Number.isInteger(value),
    )
    return Object.fromEntries(entries)
  } catch {
    // Nothing has been seen yet, or what was is lost: there is nothing to compare with then.
    return {}
  }
}

function writeRecord(path: string, record: SeenStates): void {
  const unfinished = `${path}.${process.pid}.part`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(unfinished, JSON.stringify(record), { mode: 0o600 })
    renameSync(unfinished, path)
  } catch {
    // A home that cannot be written to is no reason not to open an archive; a later rollback will not be noticed.
    removeIfThere(unfinished)
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Where it could not be written, there is nothing to remove.
  }
}

/** Where programs keep what they have seen: XDG Base Directory Specification 0.8, and the customs of the other systems. */
function recordPath(): string {
  const { LOCALAPPDATA, XDG_STATE_HOME } = process.env
  const home = homedir()
  const folder =
    process.platform === 'win32'
      ? absolute(LOCALAPPDATA, join(home, 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : absolute(XDG_STATE_HOME, join(home, '.local', 'state'))
  return join(folder, 'lmz', 'seen-archives.json')
}

function absolute(path: string | undefined, otherwise: string): string {
  return path !== undefined && isAbsolute(path) ? path : otherwise
}
