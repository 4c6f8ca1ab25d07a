import { appendFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { addToArchive } from '../../../../src-main/archive/add'
import { Archive } from '../../../../src-main/archive/archive'
import { changePasswords } from '../../../../src-main/archive/encryption/change-passwords'
import { createArchive } from '../../../../src-main/archive/create'
import { ArchiveInsight } from '../../../../src-main/archive/insight/archive-insight'
import { protectArchive } from '../../../../src-main/archive/protection/protect'
import { renameInArchive } from '../../../../src-main/archive/rename'
import { compactArchive, removeFromArchive } from '../../../../src-main/archive/rewrite'
import { ArchiveRows } from '../../../../src-main/archive/rows/archive-rows'
import type { AccountPartName, ArchiveAccount } from '../../../../src-main/contract/insight'
import { password, stretchCost } from '../../../support/encrypted-archive'
import { Random } from '../../../support/random'
import { suiteFolder } from '../../../support/suite-folder'

const home = suiteFolder()
const small = { preset: 'balanced', blockSize: 64 * 1024 } as const
const tree = join(home, 'tree')
const primed = join(home, 'primed.lmz')

beforeAll(async () => {
  writeTree(home)
  await createArchive(primed, [tree], small)
}, 120_000)

/** A log in lines of a few forms, which a primer pays for; prose; noise; a copy; nothing. */
function writeTree(folder: string): void {
  const random = new Random(5)
  const forms = Array.from({ length: 60 }, () => random.text(60 + random.below(100)).toString())
  const at = join(folder, 'tree')
  mkdirSync(join(at, 'logs/old'), { recursive: true })
  for (let part = 0; part < 20; part++) {
    const lines = Array.from({ length: 450 }, (_nothing, line) => {
      const form = forms[Math.floor(random.share() ** 2 * forms.length)] ?? ''
      return `2026-11-21 ${String(line).padStart(8, '0')} ${form}${random.bytes(4).toString('hex')}\n`
    })
    writeFileSync(join(at, part % 2 === 0 ? 'logs' : 'logs/old', `service-${part}.log`), lines.join(''))
  }
  writeFileSync(join(at, 'noise.bin'), random.bytes(150_000))
  const prose = random.text(90_000)
  writeFileSync(join(at, 'prose.txt'), prose)
  writeFileSync(join(at, 'copy of prose.txt'), prose)
  writeFileSync(join(at, 'empty'), '')
}

async function opened<Result>(
  path: string,
  use: (open: {
    readonly archive: Archive
    readonly insight: ArchiveInsight
    readonly rows: ArchiveRows
  }) => Promise<Result>,
  options: { readonly password?: string } = {},
): Promise<Result> {
  const archive = await Archive.open(path, undefined, options)
  const rows = new ArchiveRows(archive)
  const insight = new ArchiveInsight(archive, rows)
  try {
    return await use({ archive, insight, rows })
  } finally {
    rows.close()
    await insight.close()
    archive.close()
  }
}

function bytesOf({ parts }: ArchiveAccount, name: AccountPartName): number {
  return parts.find((part) => part.name === name)?.bytes ?? 0
}

function sum<Item>(items: Iterable<Item>, of: (item: Item) => number): number {
  let total = 0
  for (const item of items) total += of(item)
  return total
}

/** What must be true of every account, whatever the archive. */
async function checkedAccount(path: string, options: { readonly password?: string } = {}): Promise<ArchiveAccount> {
  return opened(
    path,
    async ({ archive, insight, rows }) => {
      const account = await insight.account()
      const { size } = statSync(path)
      expect(account.archiveBytes).toBe(size)
      expect(sum(account.parts, ({ bytes }) => bytes)).toBe(size)
      const data = bytesOf(account, 'data')
      expect(sum(archive.index.blocks(), ({ storedLength }) => storedLength)).toBe(data)
      expect(sum(account.byKind, ({ storedBytes }) => storedBytes)).toBe(data)
      expect(sum(account.byCodec, ({ storedBytes }) => storedBytes)).toBe(data)
      expect(sum(account.byKind, ({ rawBytes }) => rawBytes)).toBe(account.uniqueBytes)
      expect(sum(account.byPrimer, ({ storedBytes }) => storedBytes)).toBe(bytesOf(account, 'primers'))
      let files = 0
      for (const { id, kind } of archive.index.entries()) {
        if (kind === 'file') files += (await insight.fileAccount(id)).storedBytes
      }
      expect(files).toBe(data)
      const top = await rows.shares(0, 10_000)
      expect(top.stored).toBe(data)
      expect(sum(top.parts ?? [], ({ stored }) => stored)).toBe(data)
      const { score, scoreWithModels } = account
      expect(score).toMatchObject({ rawBits: account.rawBytes * 8, storedBits: size * 8 })
      expect(score.saved).toBeCloseTo(1 - size / account.rawBytes, 12)
      const models = sum(account.models, ({ bytes }) => bytes)
      expect(scoreWithModels.storedBits).toBe((size + models) * 8)
      return account
    },
    options,
  )
}

describe('the account of an archive adds up to the byte', { timeout: 120_000 }, () => {
  it('plain', async () => {
    const path = join(home, 'plain.lmz')
    await createArchive(path, [tree], { ...small, preset: 'fast' })
    const account = await checkedAccount(path)
    expect(account.parts.map(({ name }) => name)).toEqual([
      'data',
      'index',
      'hints',
      'frameHeaders',
      'footers',
      'header',
    ])
    expect(bytesOf(account, 'header')).toBe(64)
    expect(account.models).toEqual([])
  })

  it('with primers, and models beside it', async () => {
    const account = await checkedAccount(primed)
    expect(bytesOf(account, 'primers')).toBeGreaterThan(0)
    expect(account.byPrimer[0]?.blocks).toBeGreaterThan(1)
    expect(account.models).toMatchObject([{ id: 'mix-1' }])
    expect(account.models[0]?.bytes).toBeGreaterThan(20e6)
  })

  it('encrypted, with what sealing adds', async () => {
    const path = join(home, 'encrypted.lmz')
    await createArchive(path, [tree], { ...small, preset: 'fast', password, stretchCost })
    await addToArchive(path, [join(tree, 'noise.bin')], { into: 'tree/logs', password })
    await changePasswords(path, { change: 'add', password, newPassword: 'another', stretchCost })
    const account = await checkedAccount(path, { password })
    expect(bytesOf(account, 'seals')).toBeGreaterThan(0)
    expect(bytesOf(account, 'keys')).toBeGreaterThan(0)
    expect(bytesOf(account, 'debris')).toBe(0)
  })

  it('protected, with the index twice', async () => {
    const path = join(home, 'protected.lmz')
    await createArchive(path, [tree], { ...small, preset: 'fast' })
    await protectArchive(path, {})
    const account = await checkedAccount(path)
    expect(bytesOf(account, 'parity')).toBeGreaterThan(account.archiveBytes / 50)
    expect(bytesOf(account, 'indexCopy')).toBe(bytesOf(account, 'index'))
  })

  it('changed and changed again, with indexes of earlier commits, and none once it is compacted', async () => {
    const path = join(home, 'changed.lmz')
    await createArchive(path, [tree], { ...small, preset: 'fast' })
    await addToArchive(path, [join(tree, 'prose.txt')], { into: 'tree/logs' })
    await renameInArchive(path, 'tree/prose.txt', 'roman.txt')
    const changed = await checkedAccount(path)
    expect(bytesOf(changed, 'olderIndexes')).toBeGreaterThan(0)
    await removeFromArchive(path, ['tree/noise.bin'])
    await checkedAccount(path)
    await compactArchive(path)
    const compacted = await checkedAccount(path)
    expect(bytesOf(compacted, 'olderIndexes')).toBe(0)
    expect(bytesOf(compacted, 'unused')).toBe(0)
  })

  it('torn: what an interrupted writer left is called debris', async () => {
    const path = join(home, 'torn.lmz')
    await createArchive(path, [tree], { ...small, preset: 'fast' })
    appendFileSync(path, new Random(9).bytes(12_345))
    expect(bytesOf(await checkedAccount(path), 'debris')).toBe(12_345)
  })

  it('empty', async () => {
    const path = join(home, 'empty.lmz')
    await createArchive(path, [join(tree, 'empty')], small)
    await opened(path, async ({ insight }) => {
      const account = await insight.account()
      expect(sum(account.parts, ({ bytes }) => bytes)).toBe(statSync(path).size)
      expect(account.score).toEqual({ rawBits: 0, storedBits: statSync(path).size * 8, saved: 0, bitsPerByte: 0 })
      expect(account.query).toEqual({ files: 0, openingBytes: account.query.openingBytes })
    })
  })
})

describe('what a single file costs', () => {
  it('counts its own blocks and their primer, each once, and no others', async () => {
    await opened(primed, async ({ archive, insight }) => {
      const entry = archive.index.resolve(['tree', 'logs', 'service-2.log'])
      const account = await insight.fileAccount(entry?.id ?? 0)
      const blocks = account.blocks.map(({ block }) => archive.index.block(block))
      const primers = new Set(blocks.flatMap(({ primer }) => primer ?? []))
      const primerBytes = sum(primers, (id) => 64 + archive.index.primer(id).storedLength)
      expect(sum(account.blocks, ({ ownBytes }) => ownBytes)).toBe(account.rawBytes)
      expect(account.query.bytesRead).toBe(sum(new Set(blocks), ({ storedLength }) => 64 + storedLength) + primerBytes)
      expect(account.query.blocks).toBe(new Set(blocks.map(({ id }) => id)).size)
      expect(account.query.primers).toBe(1)
      const { query } = await insight.account()
      expect(query.files).toBe(23)
      expect(query.worst?.seconds).toBeGreaterThanOrEqual(account.query.seconds)
      expect(query.worst?.path).toMatch(/^tree\//)
      expect(query.median?.seconds).toBeLessThanOrEqual(query.high?.seconds ?? 0)
    })
  })
})
