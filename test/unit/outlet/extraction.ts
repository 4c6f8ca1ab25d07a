import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Entry, EntryKind } from '../../../src-main/contract/entry'
import { toLmzError } from '../../../src-main/contract/error'
import type { Problem } from '../../../src-main/contract/problem'
import { Outlet, type OutletOptions } from '../../../src-main/outlet/outlet'
import type { Placement } from '../../../src-main/outlet/placement'
import type { OutletResult } from '../../../src-main/outlet/tally'
import { writeWholeFile } from '../../../src-main/outlet/write-file'

/** 2023-11-14 22:13:20.123456789 UTC, which no double of seconds holds exactly. */
export const someTime = 1_700_000_000_123_456_789n

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Where thousands of folders are removed quickly: some disks take milliseconds for each. */
export const memoryFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A folder that is gone after the test. */
export function temporaryFolder(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'lmz-outlet-'))
  folders.push(folder)
  return folder
}

export type TestEntry = Entry & { readonly data?: string }

let lastId = 0

function makeEntry(kind: EntryKind, name: string, parent: Entry | undefined, extra: Partial<TestEntry>): TestEntry {
  lastId += 1
  const mode = kind === 'directory' ? 0o755 : 0o644
  return { id: lastId, parent: parent?.id ?? 0, name, kind, mode, mtimeNs: someTime, size: 0, ...extra }
}

export function file(name: string, data = '', parent?: Entry, extra: Partial<TestEntry> = {}): TestEntry {
  return makeEntry('file', name, parent, { data, size: data.length, ...extra })
}

export function directory(name: string, parent?: Entry, extra: Partial<TestEntry> = {}): TestEntry {
  return makeEntry('directory', name, parent, extra)
}

export function symlink(name: string, target: string, parent?: Entry, extra: Partial<TestEntry> = {}): TestEntry {
  return makeEntry('symlink', name, parent, { target, ...extra })
}

export function hardLink(name: string, link: number, parent?: Entry): TestEntry {
  return makeEntry('hardLink', name, parent, { link })
}

export interface Extraction {
  readonly result: OutletResult
  readonly problems: readonly Problem[]
  /** "name: code" of each problem, in order of names. */
  readonly codes: readonly string[]
}

/** Gives each entry to the outlet as the archive would, writing file data at once. */
export async function placeAll(outlet: Outlet, entries: readonly TestEntry[], problems: Problem[]): Promise<void> {
  const placements = new Map<number, Placement>()
  for (const entry of entries) {
    if (entry.kind === 'symlink') {
      await outlet.symlink(entry)
      continue
    }
    if (entry.kind === 'hardLink') {
      await outlet.link(entry, placements.get(entry.link ?? 0))
      continue
    }
    const placement = await outlet.place(entry)
    if (placement?.kind !== 'file') continue
    try {
      const { mode, mtimeNs } = entry
      const data = Buffer.from(entry.data ?? '')
      writeWholeFile(placement.stagingPath, data, { mode, mtimeNs, displayPath: placement.displayPath })
      placements.set(entry.id, placement)
    } catch (error) {
      outlet.abandon(placement)
      problems.push({ path: placement.displayPath, error: toLmzError(error, '').toData(), outcome: 'not written' })
    }
  }
}

export async function extract(
  destination: string,
  entries: readonly TestEntry[],
  options: Partial<OutletOptions> = {},
): Promise<Extraction> {
  const problems: Problem[] = []
  const outlet = await Outlet.open(destination, {
    overwrite: 'skip',
    onProblem: (problem) => problems.push(problem),
    ...options,
  })
  try {
    await placeAll(outlet, entries, problems)
    const result = await outlet.commit()
    return {
      result,
      problems,
      get codes() {
        return problems.map(({ path, error }) => `${path}: ${error.code}`).sort()
      },
    }
  } finally {
    await outlet.discard()
  }
}

/**
 * Everything below a folder: path (bytes as Latin-1) to kind, mode, time and content. Follows no link, and does not look into
 * the folder of the name `except`.
 */
export function snapshot(folder: string, except?: string): Record<string, string> {
  const found: Record<string, string> = {}
  const waiting = [{ path: Buffer.from(folder), shown: '' }]
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const name of readdirSync(directory.path, { encoding: 'buffer' })) {
      const path = Buffer.concat([directory.path, Buffer.from('/'), name])
      if (directory.shown === '' && name.toString() === except) continue
      const shown = `${directory.shown}/${name.toString('latin1')}`
      const status = lstatSync(path, { bigint: true })
      const mode = (status.mode & 0o7777n).toString(8)
      if (status.isDirectory()) {
        found[shown] = `directory ${mode} ${status.mtimeNs}`
        waiting.push({ path, shown })
      } else if (status.isSymbolicLink()) {
        found[shown] = `link ${readlinkSync(path)}`
      } else {
        found[shown] = `file ${mode} ${status.mtimeNs} ${readFileSync(path).toString('latin1')}`
      }
    }
  }
  return found
}

/** Names, with contents of files and targets of links, for comparisons where modes and times do not matter. */
export function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(snapshot(folder)).map(([path, what]) => {
      const [kind, ...rest] = what.split(' ')
      return [path.slice(1), kind === 'file' ? rest.slice(2).join(' ') : kind === 'link' ? `-> ${rest.join(' ')}` : '/']
    }),
  )
}
