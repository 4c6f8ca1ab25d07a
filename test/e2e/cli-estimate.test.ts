import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PresetEstimate } from '../../src-main/contract/estimate'
import { snapshot } from '../support/snapshot'
import { temporaryFolder } from '../support/temporary'
import { lmz, lmzJson } from './cli-process'
import { folderWithTree, readme } from './cli-tree'

const words = 'the a of river boat stone house morning said went under over seven old green never while'.split(' ')

/** Files of words in random order: alike, but none a repeat of another. */
function folderOfText(files: number, wordsOfFile: number): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'text'))
  let state = 7
  for (let file = 0; file < files; file++) {
    const chosen = Array.from({ length: wordsOfFile }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return words[(state >>> 16) % words.length] ?? ''
    })
    writeFileSync(join(folder, 'text', `${file}.txt`), chosen.join(' '))
  }
  return folder
}

describe('create --estimate', () => {
  it('shows a row for each preset and writes nothing', async () => {
    const folder = folderWithTree()
    const before = snapshot(folder)
    const { exitCode, stdout, stderr } = await lmz(folder, 'create', '--estimate', 'x.lmz', 'photos')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('10 entries, 5 files, 201.5 kB. Estimated from all of it; nothing was written.')
    expect(lines[1]).toMatch(/^Preset +Blocks +Size +likely between +Of all +Pack +Open one file$/)
    expect(lines.slice(2, 5).map((line) => line.split(' ')[0])).toEqual(['fast', 'balanced', 'max'])
    for (const line of lines.slice(1, 5)) expect(line).toHaveLength(lines[1]?.length ?? 0)
    expect(snapshot(folder)).toEqual(before)
  })

  it.each(['fast', 'balanced'])('is near what %s then makes of a folder of alike files', async (preset) => {
    const folder = folderOfText(40, 2000)
    const estimated = await lmzJson(folder, 'create', '--estimate', '--preset', preset, 'x.lmz', 'text')
    const made = await lmzJson(folder, 'create', '--preset', preset, 'x.lmz', 'text')
    expect(estimated.last).toMatchObject({ event: 'result', verb: 'estimate', problems: [] })
    for (const sum of ['entries', 'files', 'rawBytes']) expect(estimated.last[sum]).toBe(made.last[sum])
    const [estimate, ...others] = estimated.last['presets'] as readonly PresetEstimate[]
    expect(others).toEqual([])
    const actual = statSync(join(folder, 'x.lmz')).size
    expect(estimate?.archiveBytes.about).toBeGreaterThan(actual / 1.25)
    expect(estimate?.archiveBytes.about).toBeLessThan(actual * 1.25)
  })

  it('takes block size and excludes as create does', async () => {
    const folder = folderWithTree()
    const given = ['--preset', 'fast', '--block-size', '64KiB', '--exclude', '*.bin', '--exclude', 'a b']
    const { last } = await lmzJson(folder, 'create', '--estimate', ...given, 'x.lmz', 'photos')
    expect(last).toMatchObject({ files: 1, rawBytes: readme.length })
    expect(last['presets']).toMatchObject([{ preset: 'fast', blockSize: 65_536 }])
  })

  it('refuses what create would refuse', async () => {
    const folder = folderWithTree()
    writeFileSync(join(folder, 'x.lmz'), 'precious')
    expect((await lmz(folder, 'create', '--estimate', 'x.lmz', 'photos')).exitCode).toBe(4)
    expect((await lmz(folder, 'create', '--estimate', 'y.lmz', 'none')).exitCode).toBe(2)
  })
})
