import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { runsOfFooter } from '../../src-main/archive/protection/find-runs'
import { protectArchive } from '../../src-main/archive/protection/protect'
import type { ProtectionLevel } from '../../src-main/contract/protection'
import type { ParityRun } from '../../src-main/format/parity/run'
import { readableFiles } from './archive-state'
import type { Random } from './random'

/** A protected archive and all that is true of it. */
export interface ProtectedArchive {
  readonly bytes: Buffer
  readonly whole: Readonly<Record<string, string>>
  readonly run: ParityRun
}

/** @param bytes of what is packed, which no codec makes shorter */
export async function makeProtected(
  random: Random,
  { bytes, cellLength, level = 'normal' }: { bytes: number; cellLength?: number; level?: ProtectionLevel },
): Promise<ProtectedArchive> {
  const folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
  const source = join(folder, 'source')
  mkdirSync(source)
  const files = 12
  for (let n = 0; n < files; n++) writeFileSync(join(source, `noise-${n}`), random.bytes(Math.floor(bytes / files)))
  const path = join(folder, 'whole.lmz')
  await createArchive(path, [source], { preset: 'fast', blockSize: 64 * 1024 })
  await protectArchive(path, { level, cellLength })
  const { whole } = await readableFiles(path)
  const made = { bytes: readFileSync(path), whole, run: await newestRun(path) }
  rmSync(folder, { recursive: true })
  return made
}

export async function newestRun(path: string): Promise<ParityRun> {
  const archive = await Archive.open(path)
  try {
    const run = archive.footer === undefined ? undefined : runsOfFooter(archive.source, archive.footer)?.runs.at(-1)
    if (run === undefined) throw new TypeError('the archive is not protected')
    return run
  } finally {
    archive.close()
  }
}
