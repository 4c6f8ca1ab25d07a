import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import type { OutletOptions } from '../../../src-main/outlet/outlet'
import { contents, extract, file, snapshot, temporaryFolder, type Extraction, type TestEntry } from './extraction'

/** A destination and, beside it, what no archive may reach. */
export class HostileWorld {
  folder = ''
  destination = ''
  #before: Record<string, string> = {}

  /** Sets the world up for each test of the file, and checks after each that nothing outside the destination has changed. */
  constructor(parent = tmpdir()) {
    beforeEach(() => this.#setUp(parent))
    afterEach(() => {
      this.expectUntouched()
      const staging = readdirSync(this.destination).filter((name) => name.startsWith('.lmz-'))
      expect(staging, 'staging was left behind').toEqual([])
    })
  }

  #setUp(parent: string): void {
    this.folder = temporaryFolder(parent)
    this.destination = join(this.folder, 'destination')
    mkdirSync(join(this.folder, 'canary/Startup'), { recursive: true })
    writeFileSync(join(this.folder, 'canary/precious'), 'precious')
    writeFileSync(join(this.folder, 'x'), 'precious')
    this.#before = snapshot(this.folder, 'destination')
    mkdirSync(this.destination)
  }

  expectUntouched(): void {
    const now = snapshot(this.folder, 'destination')
    expect(now, 'something outside the destination has changed').toEqual(this.#before)
  }

  contents(): Record<string, string> {
    return contents(this.destination)
  }

  /** Extracts the entries and a good file, which no bad entry may cost. */
  async extract(entries: readonly TestEntry[], options: Partial<OutletOptions> = {}): Promise<Extraction> {
    const extraction = await extract(this.destination, [...entries, file('good', 'good')], options)
    expect(readdirSync(this.destination), 'one bad entry must not cost the good ones').toContain('good')
    return extraction
  }
}
