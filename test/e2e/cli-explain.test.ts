import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createArchive } from '../../src-main/archive/create'
import type { AccountPart } from '../../src-main/contract/insight'
import { movedWeights, weights } from '../support/checkpoints'
import { Random, seed } from '../support/random'
import { suiteFolder } from '../support/suite-folder'
import { safetensorsFile } from '../support/tensor-files'
import { lmz, lmzJson } from './cli-process'

const folder = suiteFolder()
const text = Buffer.from(new Random(seed).text(60_000))

describe('lmz explain', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    mkdirSync(join(folder, 'tree'))
    writeFileSync(join(folder, 'tree/novel.txt'), text)
    writeFileSync(join(folder, 'tree/\x1b[31mnoise.bin'), new Random(seed + 1).bytes(30_000))
    await createArchive(join(folder, 'a.lmz'), [join(folder, 'tree')], { preset: 'balanced' })
  }, 120_000)

  it('tells people a sum that is the size of the file', async () => {
    const { exitCode, stdout, stderr } = await lmz(folder, 'explain', 'a.lmz')
    const { size } = statSync(join(folder, 'a.lmz'))
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(`a.lmz: ${size.toLocaleString('en')} bytes for 90,000 bytes of files`)
    expect(stdout).toMatch(new RegExp(` sum +${size.toLocaleString('en')} +100.0 %`))
    expect(stdout).toContain('With these models counted')
    expect(stdout).toMatch(/ novel.txt +60,000 /)
    expect(stdout).not.toContain('\x1b')
  })

  it('tells programs the same', async () => {
    const { last } = await lmzJson(folder, 'explain', 'a.lmz')
    expect(last).toMatchObject({ event: 'result', verb: 'explain', rawBytes: 90_000 })
    const parts = last['parts'] as readonly AccountPart[]
    expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(statSync(join(folder, 'a.lmz')).size)
  })

  it('shows what each byte of a file cost, in digits where there are no colours', async () => {
    const { exitCode, stdout } = await lmz(folder, 'explain', 'a.lmz', 'tree/novel.txt', '--map', '--at', '1000')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('tree/novel.txt: 60,000 bytes')
    expect(stdout).toContain('the bits of the archive themselves')
    const lines = stdout.split('\n')
    const at = lines.findIndex((line) => line.startsWith('      1000  '))
    expect(lines[at]?.slice(12)).toBe(text.toString().replaceAll('\n', '↵').slice(1000, 1072))
    expect(lines[at + 1]).toMatch(/^ {12}\d{72}$/)
    expect(stdout).not.toContain('\x1b')
  })

  it('says what lmz would make of a file that is in no archive', async () => {
    const { exitCode, stdout } = await lmz(folder, 'explain', 'tree/novel.txt')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/novel.txt: 60,000 bytes of kind text; \w+ says all of it in \d\.\d+ bits a byte/)
    for (const name of ['store', 'zstd -3', 'zstd -19', 'mix', 'neural']) expect(stdout).toContain(`  ${name} `)
    expect(stdout).toContain('What it did not know')
    expect(stdout).not.toContain('the bits of the archive')
  })

  it('has nothing to say of an empty file, and says so', async () => {
    writeFileSync(join(folder, 'empty'), '')
    const { exitCode, stdout } = await lmz(folder, 'explain', 'empty')
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'empty: 0 bytes of kind text\n' })
  })

  it('says which files need a block of others, as info does, and is silent where none does: damage to that block costs them too', async () => {
    const random = new Random(seed)
    const first = weights(random, 300 * 256)
    const paths = [first, movedWeights(random, first, 1e-5)].map((data, at) => {
      const path = join(folder, `step-${at}.safetensors`)
      writeFileSync(path, safetensorsFile([{ name: 'layer', type: 'F32', shape: [300, 256], data }]))
      return path
    })
    await createArchive(join(folder, 'run.lmz'), paths, { preset: 'fast' })
    const told =
      /(\d) blocks? (?:is|are) stored as the difference from another one, which is read too: of step-1.safetensors$/m
    const [, blocks] = told.exec((await lmz(folder, 'explain', 'run.lmz')).stdout) ?? []
    expect((await lmz(folder, 'info', 'run.lmz')).stdout).toContain(
      `\n  bases   ${blocks} stored as the difference from another block (`,
    )
    expect((await lmzJson(folder, 'info', 'run.lmz')).last['basedBlocks']).toBe(Number(blocks))
    const { query } = (await lmzJson(folder, 'explain', 'run.lmz')).last as { readonly query?: unknown }
    expect(query).toMatchObject({ bases: { files: 1, blocks: Number(blocks), longestChain: 1 } })
    expect((await lmz(folder, 'explain', 'run.lmz', 'step-1.safetensors')).stdout).toMatch(
      /delta .* the difference from block \d+$/m,
    )
    for (const verb of ['info', 'explain'])
      expect((await lmz(folder, verb, 'a.lmz')).stdout).not.toContain('difference')
  })

  it('names what is wrong', async () => {
    for (const [parameters, exitCode, sentence] of [
      [['nowhere.txt'], 2, 'nowhere.txt'],
      [['tree'], 2, 'is not a file'],
      [['a.lmz', 'tree/other'], 2, 'There is no tree/other in a.lmz.'],
      [['a.lmz', 'tree/novel.txt', '--at', '60000'], 2, 'has no byte 60000'],
      [['a.lmz', 'tree/novel.txt', '--at', 'x'], 2, 'no number of bytes'],
      [['a.lmz', '--map'], 2, '--map is for a file'],
      [['tree/novel.txt', '--blocks'], 2, '--blocks is for an archive'],
      [['tree/novel.txt', '--at', '5'], 2, '--at is for a file of an archive'],
    ] as const) {
      const outcome = await lmz(folder, 'explain', ...parameters)
      expect({ parameters, exitCode: outcome.exitCode }).toEqual({ parameters, exitCode })
      expect(outcome.stderr).toContain(sentence)
    }
  })
})
