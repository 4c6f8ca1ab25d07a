import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import type { MasterKey } from '../../src-main/archive/encryption/master-key'
import type { LmzError } from '../../src-main/contract/error'
import { decodeFrameHeader, frameLength } from '../../src-main/format/frame'
import { makeEncrypted, password } from './encrypted-archive'

/** An encrypted archive for somebody without the password to change. */
export interface TamperedArchive {
  readonly path: string
  /** Its bytes, of two commits. */
  readonly whole: Buffer
  /** After its first commit alone. */
  readonly first: Buffer
  /** The first commit, and another second one: a copy that was changed apart. */
  readonly fork: Buffer
  /** So that a password need not be tried each time. */
  readonly masterKey: MasterKey | undefined
  /** Opens changed bytes, as the file "changed.lmz" unless named otherwise. */
  open(bytes: Uint8Array, name?: string): Promise<Archive>
  /** Positions of the blocks. */
  blocksOf(bytes: Buffer): Promise<readonly number[]>
}

export async function makeTamperedArchive(folder: string): Promise<TamperedArchive> {
  const path = await makeEncrypted(folder)
  const first = readFileSync(path)
  writeFileSync(join(folder, 'one.bin'), Buffer.alloc(50_000, 'A'))
  writeFileSync(join(folder, 'other.bin'), Buffer.alloc(50_000, 'B'))
  const other = join(folder, 'fork.lmz')
  writeFileSync(other, first)
  await addToArchive(other, [join(folder, 'other.bin')], { password, preset: 'fast' })
  await addToArchive(path, [join(folder, 'one.bin')], { password, preset: 'fast' })
  const opened = await Archive.open(path, undefined, { password })
  const masterKey = opened.encryption?.masterKey.copy()
  opened.close()
  const open = (bytes: Uint8Array, name = 'changed.lmz'): Promise<Archive> => {
    writeFileSync(join(folder, name), bytes)
    return Archive.open(join(folder, name), undefined, { masterKey, password })
  }
  const blocksOf = async (bytes: Buffer): Promise<readonly number[]> => {
    const archive = await open(bytes, 'looked-at.lmz')
    const blocks = [...archive.index.blocks()].map(({ position }) => position)
    archive.close()
    return blocks
  }
  return { path, whole: readFileSync(path), first, fork: readFileSync(other), masterKey, open, blocksOf }
}

export function frameAt(bytes: Buffer, position: number): Buffer {
  const header = decodeFrameHeader(bytes.subarray(position))
  if (header === undefined) throw new Error(`no frame at ${position}`)
  return bytes.subarray(position, position + frameLength(header))
}

/** What something throws; undefined if it does not. */
export function errorOf(read: () => unknown): unknown {
  try {
    read()
    return undefined
  } catch (thrown) {
    return thrown
  }
}

/** What is told of bytes that are not as their owner wrote them. */
export const isDamaged = expect.objectContaining({ code: 'Auth', reason: 'damaged' }) as LmzError
