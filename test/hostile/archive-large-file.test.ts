import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { extractArchive } from '../../src-main/archive/extraction/extract'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

describe('a file of many blocks', () => {
  it('one of which is damaged is named and not there, not even in part', { timeout: 60_000 }, async () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const source = join(folder, 'source')
    mkdirSync(source)
    const large = random.bytes(1_500_000)
    writeFileSync(join(source, 'large'), large)
    writeFileSync(join(source, 'small'), random.text(1000))
    const path = join(folder, 'target.lmz')
    await createArchive(path, [source], { preset: 'fast', blockSize: 64 * 1024 })
    const archive = await Archive.open(path)
    const blocks = [...archive.index.piecesOf(archive.index.resolve(['source', 'large'])?.content ?? 0)]
    const positions = blocks.map(({ block }) => archive.index.block(block).position)
    archive.close()
    expect(blocks.length).toBeGreaterThan(15)
    const whole = readFileSync(path)
    for (const position of positions.filter((_position, at) => at % 6 === 0)) {
      const damaged = Buffer.from(whole)
      damaged[position + 1000] = (damaged[position + 1000] ?? 0) ^ 1
      writeFileSync(path, damaged)
      const out = join(folder, `out-${position}`)
      const { problems, files } = await extractArchive(path, [], out)
      expect(readdirSync(join(out, 'source'))).toEqual(['small'])
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatchObject({ path: 'source/large', outcome: 'not written', error: { code: 'Corrupt' } })
      expect(files).toBe(1)
    }
  })
})
