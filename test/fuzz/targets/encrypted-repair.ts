import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { runSteps } from '../../../src-main/archive/protection/steps'
import type { LmzError } from '../../../src-main/contract/error'
import { hashOf } from '../../support/archive-state'
import { password, stretchCost } from '../../support/encrypted-archive'
import { Random } from '../../support/random'
import { ScratchFile } from '../../support/scratch-file'
import type { Target } from '../guided'
import { checkFiles } from './parity'

interface Truth {
  readonly archive: Buffer
  /** Names of files with hashes of their contents: any other pair is a file with a wrong byte. */
  readonly files: ReadonlySet<string>
}

let known: Promise<Truth> | undefined

function truth(): Promise<Truth> {
  known ??= makeTruth(new Random(9))
  return known
}

async function makeTruth(random: Random): Promise<Truth> {
  const folder = mkdtempSync(join(tmpdir(), 'lmz-fuzz-'))
  try {
    const contents = { 'letter.txt': random.text(3000), 'noise.bin': random.bytes(4000), 'note.txt': random.text(500) }
    const source = join(folder, 'in')
    mkdirSync(source)
    for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(source, name), bytes)
    const path = join(folder, 'x.lmz')
    await createArchive(path, [source], { preset: 'fast', protection: 'normal', password, stretchCost })
    const files = Object.entries(contents).map(([name, bytes]) => `in/${name} ${hashOf([bytes])}`)
    return { archive: readFileSync(path), files: new Set(files) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

let scratch: ScratchFile | undefined

/**
 * Damage to an archive that is encrypted and protected, opened with its password: cells are healed below the seal, and whatever comes out
 * is as it was.
 */
export const encryptedRepair: Target = {
  name: 'parity: damaged encrypted archives',
  covers:
    /archive\/encryption\/(unlock|unlocked-states|encryption|lineage)\.ts|archive\/protection\/(repairs|healer|healed-view|open-healed|patched-source)\.ts/,
  longest: 60_000,
  seeds: async () => [(await truth()).archive],
  async run(input) {
    const { files } = await truth()
    const storage = (scratch ??= new ScratchFile()).storageWith(input)
    let fault: LmzError | undefined
    for (const isForSalvage of [false, true]) {
      const opened = await (isForSalvage
        ? Archive.openForSalvage('x.lmz', storage, { password })
        : Archive.open('x.lmz', storage, { password }))
      try {
        fault ??= checkFiles(opened, files)
        const healer = runSteps(opened.repairs.find())
        if (healer === undefined) continue
        runSteps(healer.healAll())
        runSteps(healer.checkParity())
      } finally {
        opened.close()
      }
    }
    if (fault !== undefined) throw fault
  },
}
