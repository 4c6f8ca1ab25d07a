import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { extractArchive } from '../../src-main/archive/extraction/extract'
import { fileBytes } from '../../src-main/archive/read-file'
import { compactArchive } from '../../src-main/archive/rewrite'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { verifyArchive } from '../../src-main/archive/verify'
import { LmzError, type LmzErrorCode } from '../../src-main/contract/error'
import { hashOf } from './archive-state'
import { snapshot } from './snapshot'

/** What may come out under a name: these bytes and no others. */
export type Allowed = Readonly<Record<string, readonly Uint8Array[]>>

/** For an index that may say anything about its files, as long as all checksums are right. */
export const anything = 'anything'

/** What each way of using a hostile archive came to: an error code, or what came out. */
export interface Examination {
  /** Files that could be read one by one. */
  readonly read: readonly string[] | LmzErrorCode
  readonly extracted: readonly string[] | LmzErrorCode
  /** Codes of the problems that extraction named. */
  readonly problems: readonly LmzErrorCode[]
  /** Entries that `verify` reports. */
  readonly verify: readonly string[] | LmzErrorCode
  readonly salvaged: readonly string[] | LmzErrorCode
  /** Files left after a copy of the archive was compacted. */
  readonly compacted: readonly string[] | LmzErrorCode
  readonly notices: readonly string[]
  /** All error messages, for looking into a surprise. */
  readonly messages: readonly string[]
}

/** The salvage of an archive without an index names files so. */
const blockName = /^block \d{6}/

/**
 * Uses an archive in every way there is and checks what must hold for any bytes whatever: nothing but an LmzError is thrown,
 * only allowed bytes come out, the archive does not change, nothing is written outside the destination, and no temporary
 * file is left.
 * @param folder private to this call; emptied afterwards
 */
export async function examine(
  folder: string,
  bytes: Uint8Array,
  allowed: Allowed | typeof anything,
): Promise<Examination> {
  const path = join(folder, 'hostile.lmz')
  const temporary = join(folder, 'temporary')
  const out = join(folder, 'out')
  const rescued = join(folder, 'rescued.lmz')
  const changed = join(folder, 'changed.lmz')
  for (const name of [temporary, join(folder, 'canary'), out]) mkdirSync(name)
  writeFileSync(join(folder, 'canary/precious'), 'precious')
  writeFileSync(path, bytes)
  const hashes = new Map(
    Object.entries(allowed === anything ? {} : allowed).map(([name, all]) => [name, all.map((one) => hashOf([one]))]),
  )
  const allHashes = new Set([...hashes.values()].flat())
  const expectAllowed = (name: string, hash: string): void => {
    if (allowed === anything) return
    const isAllowed = hashes.get(name)?.includes(hash) ?? (blockName.test(name) || allHashes.has(hash))
    expect(isAllowed, `wrong bytes came out as ${name}`).toBe(true)
  }
  const before = snapshot(folder)
  const environment = process.env['TMPDIR']
  process.env['TMPDIR'] = temporary
  const messages: string[] = []
  const orCode = async <T>(work: () => Promise<T>): Promise<T | LmzErrorCode> => {
    try {
      return await work()
    } catch (thrown) {
      if (!(thrown instanceof LmzError)) throw thrown
      messages.push(thrown.message)
      return thrown.code
    }
  }
  try {
    let notices: readonly string[] = []
    const read = await orCode(async () => {
      const found = await readAll(path, messages)
      for (const [name, hash] of found.files) expectAllowed(name, hash)
      notices = found.notices
      return [...found.files.keys()]
    })
    const verify = await orCode(async () => (await verifyArchive(path)).problems.map((problem) => problem.path))
    const extraction = await orCode(() => extractArchive(path, [], out, { smart: false }))
    const written = filesBelow(out)
    const extracted = typeof extraction === 'string' ? extraction : [...written.keys()]
    for (const [name, hash] of written) {
      expect(name.startsWith('.lmz-'), 'staging was left behind').toBe(false)
      expectAllowed(name, hash)
    }
    if (typeof extraction === 'string') expect(readdirSync(out), 'an extraction that failed left files').toEqual([])
    const salvaged = await orCode(async () => {
      await salvageArchive(path, rescued)
      expect((await verifyArchive(rescued)).problems, 'what was salvaged is not whole').toEqual([])
      const { files } = await readAll(rescued, messages)
      for (const [name, hash] of files) expectAllowed(name, hash)
      return [...files.keys()]
    })
    if (typeof salvaged === 'string') expect(readdirSync(folder)).not.toContain('rescued.lmz')
    writeFileSync(changed, bytes)
    const compacted = await orCode(async () => {
      await compactArchive(changed)
      const { files } = await readAll(changed, messages)
      for (const [name, hash] of files) expectAllowed(name, hash)
      return [...files.keys()]
    })
    if (typeof compacted === 'string') {
      expect(readFileSync(changed).equals(bytes), 'compacting failed and changed the archive').toBe(true)
    }
    expect(readdirSync(temporary), 'temporary files were left').toEqual([])
    rmSync(out, { recursive: true })
    rmSync(rescued, { force: true })
    rmSync(changed)
    mkdirSync(out)
    expect(withoutTimes(snapshot(folder)), 'the archive or something beside it changed').toEqual(withoutTimes(before))
    const problems = typeof extraction === 'string' ? [] : extraction.problems.map(({ error }) => error.code)
    return { read, extracted, problems, verify, salvaged, compacted, notices, messages }
  } finally {
    if (environment === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = environment
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
  }
}

/**
 * Hashes of the files that can be read, by path; the others only fail with an LmzError.
 * @param messages gets what they fail with
 * @throws LmzError if the archive cannot be opened or listed
 */
export async function readAll(
  path: string,
  messages: string[],
): Promise<{ readonly files: Map<string, string>; readonly notices: readonly string[] }> {
  const archive = await Archive.open(path)
  const files = new Map<string, string>()
  try {
    for (const { id, kind } of archive.index.descendants(0)) {
      if (kind !== 'file') continue
      try {
        files.set(archive.index.pathOf(id).join('/'), hashOf(fileBytes(archive, id)))
      } catch (thrown) {
        if (!(thrown instanceof LmzError)) throw thrown
        messages.push(thrown.message)
      }
    }
    return { files, notices: archive.notices }
  } finally {
    archive.close()
  }
}

/** Hashes of all files in a folder, by path. */
function filesBelow(folder: string, above = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = above + entry.name
    const full = join(folder, entry.name)
    if (entry.isFile()) found.set(path, hashOf([readFileSync(full)]))
    if (entry.isDirectory()) for (const [inner, hash] of filesBelow(full, `${path}/`)) found.set(inner, hash)
  }
  return found
}

function withoutTimes(found: Record<string, string>): Record<string, string> {
  const folders = Object.entries(found).map(([name, text]) => [name, text.startsWith('folder') ? 'folder' : text])
  return Object.fromEntries(folders) as Record<string, string>
}
