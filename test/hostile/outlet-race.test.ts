import { spawn } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LmzError } from '../../src-main/contract/error'
import type { Problem } from '../../src-main/contract/problem'
import { Outlet } from '../../src-main/outlet/outlet'
import { writeWholeFile } from '../../src-main/outlet/write-file'
import { contents, directory, extract, file, placeAll, symlink } from '../unit/outlet/extraction'
import { HostileWorld } from '../unit/outlet/hostile-world'

const world = new HostileWorld()

describe('another process that changes things meanwhile (test 19)', () => {
  const isRoot = process.getuid?.() === 0
  const isLinux = process.platform === 'linux'

  it('finds a symlink where staging has a file to be: nothing is written through it', async () => {
    const codes: string[] = []
    const outlet = await Outlet.open(world.destination, { overwrite: 'skip', onProblem: () => undefined })
    for (let round = 0; round < 300; round += 1) {
      const placement = await outlet.place(file(`f${round}`))
      if (placement === undefined) continue
      symlinkSync('../../../x', placement.stagingPath)
      try {
        writeWholeFile(placement.stagingPath, Buffer.from('evil'), { mode: 0o777, mtimeNs: 0n })
      } catch (error) {
        codes.push(error instanceof LmzError ? error.code : 'other')
        outlet.abandon(placement)
      }
    }
    expect(codes).toEqual(Array.from({ length: 300 }, () => 'Collision'))
    await outlet.discard()
  })

  it('a staged folder that became a symlink is neither entered nor given a mode and time', async () => {
    const problems: Problem[] = []
    const outlet = await Outlet.open(world.destination, {
      overwrite: 'replace',
      onProblem: (problem) => problems.push(problem),
    })
    const outer = directory('outer')
    const inner = directory('inner', outer, { mode: 0o700, mtimeNs: 1n })
    const Startup = directory('Startup', inner, { mode: 0o700, mtimeNs: 1n })
    for (const entry of [outer, inner, Startup]) {
      const placement = await outlet.place(entry)
      if (entry !== Startup || placement === undefined) continue
      const path = dirname(placement.stagingPath.toString())
      renameSync(path, `${path}.away`)
      symlinkSync(join(world.folder, 'canary'), path)
    }
    await outlet.commit()
    expect(problems.map(({ path, outcome }) => `${path}: ${outcome}`)).toEqual([
      'outer/inner: restored without its time and permissions',
    ])
  })

  it.runIf(isLinux)('a destination exchanged for a link, at any moment, leads nowhere else', async () => {
    let moment = 'placing'
    const exchange = (name: string, target: string) => {
      renameSync(join(world.destination, name), join(world.destination, `${name}.away`))
      symlinkSync(target, join(world.destination, name))
    }
    mkdirSync(join(world.destination, 'merged'))
    writeFileSync(join(world.destination, 'merged/asked'), 'mine')
    const outlet = await Outlet.open(world.destination, {
      overwrite: 'ask',
      onProblem: () => undefined,
      ask: () => {
        // In the middle of commit: the folder that is being moved into becomes a link to the canary.
        if (moment === 'moving') exchange('merged', '../canary')
        moment = 'moving'
        return Promise.resolve({ choice: 'replace', forAll: false })
      },
    })
    const staging = readdirSync(world.destination).find((name) => name.startsWith('.lmz-')) ?? ''
    // What is written to staging would land beside the precious file, if the path were followed.
    exchange(staging, '../canary')
    const merged = directory('merged')
    const inner = directory('inner', merged, { mode: 0o700, mtimeNs: 1n })
    const entries = [merged, inner, file('f', 'x', inner), file('asked', 'theirs', merged), file('late', 'x', merged)]
    await placeAll(outlet, [...entries, symlink('l', 'late', merged)], [])
    writeFileSync(join(world.destination, 'merged/late'), 'mine')
    await outlet.commit()
    expect(moment).toBe('moving')
    expect(contents(join(world.destination, 'merged.away'))).toEqual({
      asked: 'theirs',
      late: 'x',
      l: '-> late',
      inner: '/',
      'inner/f': 'x',
    })
    unlinkSync(join(world.destination, staging))
    expect(
      readdirSync(join(world.destination, `${staging}.away`)),
      'staging was emptied where it had been moved to',
    ).toEqual([])
    rmdirSync(join(world.destination, `${staging}.away`))
  })

  it.runIf(isRoot)('cannot get at staging, nor lead writes elsewhere by exchanging the folders around it', async () => {
    chmodSync(world.folder, 0o711)
    chmodSync(world.destination, 0o777)
    mkdirSync(join(world.destination, 'merged'))
    mkdirSync(join(world.destination, 'shared'))
    chmodSync(join(world.destination, 'merged'), 0o777)
    // Another user, who may rename everything in the world.destination, exchanges whatever is there for links outwards.
    const script = `
      const fs = require('node:fs'); const path = require('node:path')
      process.chdir(process.argv[1]); const outside = process.argv[2]
      process.stdout.write('ready')
      for (;;) for (const name of fs.readdirSync('.')) {
        if (name.endsWith('.away')) continue
        try { fs.renameSync(name, name + '.away'); fs.symlinkSync(outside, name) } catch {}
        try { for (const inside of fs.readdirSync(name + '.away')) fs.symlinkSync(outside, path.join(name + '.away', inside, 'x')) } catch {}
        try { fs.unlinkSync(name); fs.renameSync(name + '.away', name) } catch {}
      }`
    const racer = spawn(process.execPath, ['-e', script, world.destination, join(world.folder, 'canary')], {
      uid: 65534,
      gid: 65534,
    })
    try {
      await new Promise<void>((resolve, reject) => {
        racer.stdout.once('data', () => resolve())
        racer.once('close', () => reject(new Error('the other process did not start')))
      })
      for (let round = 0; round < 30; round += 1) {
        const merged = directory('merged')
        const shared = directory('shared')
        const entries = [merged, shared, directory(`new${round}`)]
        for (const parent of [merged, shared, entries[2]]) {
          for (let index = 0; index < 5; index += 1) entries.push(file(`f${round}-${index}`, 'evil', parent))
        }
        try {
          await extract(world.destination, [...entries, file('Startup', 'evil'), symlink(`l${round}`, 'merged')], {
            overwrite: round % 2 === 0 ? 'replace' : 'skip',
          })
        } catch (error) {
          // To be disturbed is allowed; to be led astray is not.
          expect(error).toBeInstanceOf(LmzError)
        }
        world.expectUntouched()
      }
    } finally {
      racer.kill('SIGKILL')
      await new Promise((resolve) => racer.once('close', resolve))
    }
    for (const name of readdirSync(world.destination)) {
      // What the other user has moved about while it was being removed is empty, and his doing.
      if (name.startsWith('.lmz-'))
        renameSync(join(world.destination, name), join(world.destination, `disturbed${name}`))
    }
  })
})
