import { createHash } from 'node:crypto'
import { Archive } from '../../src-main/archive/archive'
import { fileBytes } from '../../src-main/archive/read-file'
import type { Storage } from '../../src-main/archive/storage'
import type { UnlockOptions } from '../../src-main/archive/encryption/unlock'
import { LmzError } from '../../src-main/contract/error'

/** What an archive holds, by path: all of an entry that matters, contents as a hash. */
export type ArchiveState = Readonly<Record<string, string>>

/**
 * Everything in an archive. Which name of a file stands for it and which are its hard links is left open.
 * @throws LmzError if it cannot be opened or any file cannot be read whole
 */
export async function stateOf(path: string, unlock: UnlockOptions = {}): Promise<ArchiveState> {
  const archive = await Archive.open(path, undefined, unlock)
  try {
    return stateOfOpened(archive)
  } finally {
    archive.close()
  }
}

/** The same of an archive that is open. @throws LmzError if any file cannot be read whole */
export function stateOfOpened(archive: Archive): ArchiveState {
  const state: Record<string, string> = {}
  const { index } = archive
  const names = new Map<number, string[]>()
  for (const { id, kind, mode, mtimeNs, target, link, size } of index.descendants(0)) {
    const name = index.pathOf(id).join('/')
    const isFile = kind === 'file' || kind === 'hardLink'
    const content = isFile ? hashOf(fileBytes(archive, id)) : (target ?? '')
    state[name] = [isFile ? 'file' : kind, mode.toString(8), mtimeNs, size, content].join(' ')
    if (isFile) names.set(link ?? id, [...(names.get(link ?? id) ?? []), name])
  }
  for (const group of names.values()) {
    if (group.length > 1)
      for (const name of group) state[name] = `${state[name] ?? ''} is ${group.sort().join(' and ')}`
  }
  return state
}

/** Files that came out whole, and those that failed in a way lmz names. */
export interface Readable {
  /** SHA-256 of the contents, by path. */
  readonly whole: Readonly<Record<string, string>>
  readonly lost: readonly string[]
}

/** Reads every file it can. @throws LmzError if there is nothing to open; anything else that a file throws */
export async function readableFiles(path: string, storage?: Storage): Promise<Readable> {
  const archive = await Archive.open(path, storage)
  const whole: Record<string, string> = {}
  const lost: string[] = []
  try {
    const { index } = archive
    for (const { id, kind } of index.descendants(0)) {
      if (kind !== 'file') continue
      const name = index.pathOf(id).join('/')
      try {
        whole[name] = hashOf(fileBytes(archive, id))
      } catch (thrown) {
        if (!(thrown instanceof LmzError)) throw thrown
        lost.push(name)
      }
    }
    return { whole, lost }
  } finally {
    archive.close()
  }
}

export function hashOf(parts: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
