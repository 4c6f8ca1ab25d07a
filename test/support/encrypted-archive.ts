import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createArchive } from '../../src-main/archive/create'
import { Random, seed } from './random'

export const password = 'correct horse battery staple'
/** So that tests do not take their time over passwords. */
export const stretchCost = { memoryKib: 64, passes: 1, lanes: 1 }

/** Text, noise and copies in a folder "secret tree"; several blocks of the small sizes that tests use. */
export function writeSecretTree(folder: string, random = new Random(seed)): string {
  const tree = join(folder, 'secret tree')
  mkdirSync(join(tree, 'Liebesbriefe'), { recursive: true })
  for (let n = 0; n < 6; n++) {
    writeFileSync(join(tree, 'Liebesbriefe', `brief-${n}.txt`), random.text(20_000 + random.below(30_000)))
  }
  writeFileSync(join(tree, 'noise.bin'), random.bytes(150_000))
  writeFileSync(join(tree, 'copy.bin'), new Random(seed + 1).bytes(70_000))
  writeFileSync(join(tree, 'empty'), '')
  return tree
}

/** An encrypted archive of several small blocks; its password is {@link password}. */
export async function makeEncrypted(folder: string, name = 'secret.lmz'): Promise<string> {
  const archive = join(folder, name)
  const tree = writeSecretTree(folder)
  await createArchive(archive, [tree], { preset: 'fast', blockSize: 64 * 1024, password, stretchCost })
  return archive
}
