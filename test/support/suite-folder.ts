import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A new empty folder for what all tests of a suite share; to be called while the suite is being described. */
export function suiteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lmz-suite-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
