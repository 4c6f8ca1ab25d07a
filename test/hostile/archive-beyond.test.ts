import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { craftArchive } from '../support/crafted-archive'
import { readAll } from '../support/examine'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

describe('an archive with a block that only a newer lmz can decode', () => {
  it('takes the same data once more when it is added: nothing else could be added to it either', async () => {
    const folder = temporaryFolder()
    const bytes = new Random(3).text(20_000)
    const path = join(folder, 'newer.lmz')
    writeFileSync(path, craftArchive({ blocks: [{ files: { 'old.txt': bytes }, codec: 200 }] }).bytes)
    mkdirSync(join(folder, 'more'))
    writeFileSync(join(folder, 'more/same.txt'), bytes)
    await addToArchive(path, [join(folder, 'more')])
    const unreadable: string[] = []
    const { files } = await readAll(path, unreadable)
    expect(files.get('more/same.txt')).toBeDefined()
    expect(files.get('old.txt')).toBeUndefined()
    expect(unreadable).toHaveLength(1)
  })
})
