import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { lmzJson } from './cli-process'
import { currentNet, shippedNets } from '../../src-main/models/net/shipped-nets'
import { runLmz } from '../support/lmz-process'
import { Random } from '../support/random'
import { suiteFolder } from '../support/suite-folder'
import { temporaryFolder } from '../support/temporary'

/*
 * Archives of the preset max, and a computer on which the net is not what it was shipped as. It is said by its name, whatever needs no net
 * comes out, and nothing that comes out is wrong.
 */

const home = suiteFolder()
const archive = join(home, 'letters.lmz')
const models = resolve(import.meta.dirname, '../../native-models')
const id = shippedNets.get(currentNet)?.id ?? ''
const letter = readFileSync(resolve(import.meta.dirname, '../../docs/architecture.md')).subarray(0, 9000)
const noise = new Random(3).bytes(200_000)

beforeAll(async () => {
  mkdirSync(join(home, 'letters'))
  writeFileSync(join(home, 'letters/letter.md'), letter)
  writeFileSync(join(home, 'letters/noise'), noise)
  const { code } = await runLmz(['create', archive, join(home, 'letters'), '--preset', 'max'])
  expect(code).toBe(0)
})

/** The folder of models with another one in place of the net. */
function modelsWith(change: (net: string) => void): NodeJS.ProcessEnv {
  const folder = temporaryFolder()
  symlinkSync(join(models, 'mix-1'), join(folder, 'mix-1'), 'junction')
  cpSync(join(models, id), join(folder, id), { recursive: true })
  change(join(folder, id))
  return { LMZ_MODELS: folder }
}

describe('an archive that a net has packed', () => {
  it('says so, is whole, and gives back what is in it', async () => {
    const { last } = await lmzJson(home, 'info', archive)
    expect(last).toMatchObject({ preset: 'max', blocksByCodec: { neural: 1, store: 1 } })
    expect((await runLmz(['verify', archive])).code).toBe(0)
    const destination = temporaryFolder()
    expect((await runLmz(['extract', archive, '-C', destination])).code).toBe(0)
    expect(Buffer.compare(readFileSync(join(destination, 'letters/letter.md')), letter)).toBe(0)
    expect(Buffer.compare(readFileSync(join(destination, 'letters/noise')), noise)).toBe(0)
  })

  it.each([
    ['is missing', (net: string) => rmSync(net, { recursive: true }), 'cannot be read'],
    ['has lost its weights', (net: string) => rmSync(join(net, 'weights.bin')), 'cannot be read'],
    ['is cut off', (net: string) => truncateSync(join(net, 'weights.bin'), 1_000_000), 'is damaged'],
    [
      'has been changed',
      (net: string) => {
        const path = join(net, 'weights.bin')
        const weights = readFileSync(path)
        weights[5_000_000] = (weights[5_000_000] ?? 0) ^ 1
        writeFileSync(path, weights)
      },
      'is damaged',
    ],
    ['is described otherwise', (net: string) => writeFileSync(join(net, 'model.json'), '{}'), 'is damaged'],
  ])('where the net %s: it is named, and all other files come out', async (_what, change, says) => {
    const environment = modelsWith(change)
    const destination = temporaryFolder()
    const { code, stderr } = await runLmz(['extract', archive, '-C', destination], { environment })
    expect(code).not.toBe(0)
    expect(stderr).toContain(`The model ${id} of lmz ${says}`)
    expect(stderr).toContain('letter.md')
    expect(Buffer.compare(readFileSync(join(destination, 'letters/noise')), noise)).toBe(0)
    expect(existsSync(join(destination, 'letters/letter.md'))).toBe(false)
  })

  it('is not called damaged where the net is missing', async () => {
    const environment = modelsWith((net) => rmSync(net, { recursive: true }))
    const { code, stdout } = await runLmz(['verify', archive], { environment })
    expect(code).toBe(4)
    expect(stdout).toMatch(/cannot be tested: 1 of 2 files need a model\.\n$/)
    const told = (await runLmz(['--json', 'verify', archive], { environment })).stdout.trim().split('\n').at(-1) ?? ''
    expect(JSON.parse(told)).toMatchObject({ damagedFiles: 0, uncheckedFiles: 1 })
  })

  it('is not made where the net is missing, and what was there stays as it was', async () => {
    const environment = modelsWith((net) => rmSync(net, { recursive: true }))
    const before = readFileSync(archive)
    const added = join(home, 'another.md')
    writeFileSync(added, readFileSync(resolve(import.meta.dirname, '../../docs/format.md')))
    const { code, stderr } = await runLmz(['add', archive, added], { environment })
    expect(code).not.toBe(0)
    expect(stderr).toContain(`The model ${id} of lmz cannot be read`)
    expect(Buffer.compare(readFileSync(archive), before)).toBe(0)
  })
})
