import { describe, expect, test } from 'vitest'
import type { Share } from '../../../src-main/contract/engine-api'
import type { BlockContest, Contender } from '../../../src-main/contract/insight'
import { foldersAndFiles, sortRows } from '../../../src-renderer/archive/insight/breakdown'
import { contestRows, contestTotals } from '../../../src-renderer/archive/insight/contest-table'

const file = (id: number, name: string, stored: number): Share => ({
  id,
  name,
  isDirectory: false,
  size: stored * 2,
  stored,
})
const folder = (id: number, name: string, parts: readonly Share[]): Share => ({
  id,
  name,
  isDirectory: true,
  size: parts.reduce((sum, { size }) => sum + size, 0),
  stored: parts.reduce((sum, { stored }) => sum + stored, 0),
  parts,
})

describe('the lists of folders and files', () => {
  const root = folder(0, '', [
    folder(1, 'project', [folder(2, 'source', [file(3, 'a.ts', 50), file(4, 'b.ts', 40)]), file(5, 'notes', 3)]),
    { ...file(0, '', 9) },
  ])

  test('have what lies at any depth, with its place, without what is summed up', () => {
    const { files } = foldersAndFiles(root)
    expect(files.map(({ place }) => place?.join('/'))).toEqual([
      'project/source/a.ts',
      'project/source/b.ts',
      'project/notes',
    ])
  })

  test('pass over a folder that only leads to another one', () => {
    expect(foldersAndFiles(root).folders.map(({ name }) => name)).toEqual(['source'])
  })

  test('sort by each column', () => {
    const { files } = foldersAndFiles(root)
    const names = (column: 'name' | 'stored', descending: boolean): readonly string[] =>
      sortRows(files, { column, descending }).map(({ name }) => name)
    expect(names('stored', true)).toEqual(['a.ts', 'b.ts', 'notes'])
    expect(names('name', true)).toEqual(['notes', 'b.ts', 'a.ts'])
    expect(names('stored', false)).toEqual(['notes', 'b.ts', 'a.ts'])
  })
})

describe('a contest of codecs', () => {
  const contender = (name: string, dataBytes: number, modelBytes = 0): Contender => ({
    name,
    dataBytes,
    modelBytes,
    sharedModelBytes: 0,
    seconds: 1,
    isStored: false,
  })
  const contest = (block: number, contenders: readonly Contender[]): BlockContest => ({
    block,
    kind: 'text',
    codec: 'mix',
    rawBytes: 100,
    storedBytes: 20,
    contenders,
  })
  const contests = [
    contest(1, [contender('mix', 20), contender('zstd -19', 40)]),
    contest(2, [contender('mix', 30, 15), contender('zstd -19', 40), contender('neural', 50)]),
  ]

  test('is won by the shortest whole code: what the model costs counts', () => {
    expect(contestRows(contests).map(({ winner, lead }) => [winner, lead])).toEqual([
      ['mix', 0.5],
      ['zstd -19', 1 - 40 / 45],
    ])
  })

  test('sums up each codec over the blocks it was tried with', () => {
    expect(contestTotals(contests)).toEqual([
      { name: 'zstd -19', bitsPerByte: (80 * 8) / 200, wins: 1, blocks: 2 },
      { name: 'mix', bitsPerByte: (65 * 8) / 200, wins: 1, blocks: 2 },
      { name: 'neural', bitsPerByte: 4, wins: 0, blocks: 1 },
    ])
  })
})
