import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openArchive } from 'lmz'
import { describe, expect, it } from 'vitest'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'
import { ggufFile, npyFile, safetensorsFile, weights } from '../support/tensor-files'
import { lmz, lmzJson } from './cli-process'

const random = new Random(5)
const share = (): number => random.share()
const model = [weights('layer.weight', 'BF16', [256, 300], share), weights('layer/bias', 'F32', [300], share)]

async function folderWithModel(): Promise<string> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'model.safetensors'), safetensorsFile(model))
  writeFileSync(join(folder, 'table.npy'), npyFile(weights('', 'F64', [30, 40], share)))
  writeFileSync(join(folder, 'notes.txt'), 'no tensors in here\n')
  await lmz(folder, 'create', 'a.lmz', 'model.safetensors', 'table.npy', 'notes.txt', '--preset', 'fast')
  return folder
}

describe('tensors', () => {
  it('shows which files have some, and what each tensor is', async () => {
    const folder = await folderWithModel()
    const files = await lmz(folder, 'tensors', 'a.lmz')
    expect(files.stdout).toMatch(/^model\.safetensors {2}safetensors, 2 tensors, 77,100 numbers, \d+\.\d\d bits each$/m)
    expect(files.stdout).toMatch(/^table\.npy {2}npy, 1 tensor, 1,200 numbers/m)
    expect(files.stdout).not.toContain('notes.txt')
    const { stdout, exitCode } = await lmz(folder, 'tensors', 'a.lmz', 'model.safetensors', '--entropy')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^layer\.weight +BF16 +256x300 +153600 +\d+\.\d\d +[23]\.\d\d$/m)
    expect(stdout).toMatch(/^layer\/bias +F32 +300 +1200 +\d+\.\d\d +[23]\.\d\d$/m)
  })

  it('tells scripts the same', async () => {
    const folder = await folderWithModel()
    const { events, last } = await lmzJson(folder, 'tensors', 'a.lmz', 'model.safetensors')
    const rows = events.filter(({ event }) => event === 'tensor')
    expect(rows[0]).toMatchObject({ name: 'layer.weight', type: 'BF16', shape: [256, 300], bytes: 153_600, blocks: 1 })
    expect(last).toMatchObject({ verb: 'tensors', format: 'safetensors', tensors: 2, elements: 77_100 })
  })

  it('shows as many as a file can have', async () => {
    const folder = temporaryFolder()
    const none = new Uint8Array()
    const names = Array.from(
      { length: 140_000 },
      (_none, at) => ({ name: `t${at}`, type: 'F32', shape: [0], data: none }) as const,
    )
    writeFileSync(join(folder, 'many.gguf'), ggufFile([...names, weights('last', 'F32', [300], share)]))
    await lmz(folder, 'create', 'a.lmz', 'many.gguf', '--preset', 'fast')
    const { stdout, exitCode } = await lmz(folder, 'tensors', 'a.lmz', 'many.gguf')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^gguf, 140,001 tensors, 300 numbers/m)
  })

  it('says so where there are none', async () => {
    const folder = await folderWithModel()
    const { exitCode, stderr } = await lmz(folder, 'tensors', 'a.lmz', 'notes.txt')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('notes.txt is no file of tensors')
  })
})

describe('cat --tensor', () => {
  it('prints the bytes of one tensor, or an .npy file of it', async () => {
    const folder = await folderWithModel()
    const raw = await lmzJson(folder, 'cat', 'a.lmz', 'model.safetensors', '--tensor', 'layer/bias')
    const bytes = Buffer.concat(
      raw.events.filter(({ event }) => event === 'data').map((data) => Buffer.from(data['base64'] as string, 'base64')),
    )
    expect(Buffer.compare(bytes, model[1]?.data ?? Buffer.alloc(0))).toBe(0)
    const npy = await lmzJson(folder, 'cat', 'a.lmz', 'model.safetensors', '--tensor', 'layer.weight', '--npy')
    const file = Buffer.concat(
      npy.events.filter(({ event }) => event === 'data').map((data) => Buffer.from(data['base64'] as string, 'base64')),
    )
    expect(file.toString('latin1', 10, 80)).toContain("'descr': '<f4', 'fortran_order': False, 'shape': (256, 300)")
    expect(file.length).toBe(128 + 256 * 300 * 4)
    expect(npy.last).toMatchObject({ verb: 'cat', tensor: 'layer.weight', bytes: file.length })
  })

  it('says what is wrong', async () => {
    const folder = await folderWithModel()
    const missing = await lmz(folder, 'cat', 'a.lmz', 'model.safetensors', '--tensor', 'layer')
    expect(missing).toMatchObject({ exitCode: 2, stdout: '' })
    expect(missing.stderr).toContain('has no tensor of this name: layer')
    expect((await lmz(folder, 'cat', 'a.lmz', 'model.safetensors', '--npy')).stderr).toContain('--tensor')
  })
})

it('programs list and read them too', async () => {
  const folder = await folderWithModel()
  using archive = await openArchive(join(folder, 'a.lmz'))
  expect(archive.tensors('model.safetensors')?.map(({ name, type }) => [name, type])).toEqual([
    ['layer.weight', 'BF16'],
    ['layer/bias', 'F32'],
  ])
  expect(archive.tensors('notes.txt')).toBeUndefined()
  const bytes = Buffer.concat([...archive.readTensor('model.safetensors', 'layer.weight')])
  expect(Buffer.compare(bytes, model[0]?.data ?? Buffer.alloc(0))).toBe(0)
  expect(() => [...archive.readTensor('notes.txt', 'x')]).toThrow(expect.objectContaining({ code: 'Usage' }))
})
