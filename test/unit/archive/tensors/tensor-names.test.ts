import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createArchive } from '../../../../src-main/archive/create'
import { extractTensor } from '../../../../src-main/archive/tensors/extract-tensor'
import { Random } from '../../../support/random'
import { temporaryFolder } from '../../../support/temporary'
import { safetensorsFile, weights } from '../../../support/tensor-files'

const random = new Random(8)

it.each(['重'.repeat(100), '𝔴'.repeat(100), `layer.${'x'.repeat(300)}`])(
  'a tensor of the name %s can be taken out: its file has a name that systems take',
  async (name) => {
    const folder = temporaryFolder()
    const tensor = weights(name, 'F32', [30], () => random.share())
    writeFileSync(join(folder, 'model.safetensors'), safetensorsFile([tensor]))
    const archive = join(folder, 'a.lmz')
    await createArchive(archive, [join(folder, 'model.safetensors')], { preset: 'fast' })
    const target = join(folder, 'out')
    const report = await extractTensor(archive, 'model.safetensors', { name, npy: false }, target)
    expect(report.problems).toEqual([])
    const [file = ''] = readdirSync(target)
    expect(name.startsWith(file.slice(0, -'.bin'.length))).toBe(true)
    expect(readFileSync(join(target, file)).equals(tensor.data)).toBe(true)
  },
)
