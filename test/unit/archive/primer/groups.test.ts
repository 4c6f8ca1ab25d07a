import { afterEach, describe, expect, it } from 'vitest'
import { type DataGroup, DataGroups } from '../../../../src-main/archive/primer/groups'
import { planSamples } from '../../../../src-main/archive/primer/sample-plan'
import { IndexWriter } from '../../../../src-main/index/index-writer'
import { type WorkItem, WorkList } from '../../../../src-main/index/work-list'
import { dataGroup } from '../../../../src-main/intake/data-group'

const writers: IndexWriter[] = []
afterEach(() => {
  for (const writer of writers.splice(0)) writer.close()
})

/** A work list of files by path and size. */
function workOf(files: readonly (readonly [path: string, size: number])[]): WorkList {
  const writer = IndexWriter.create()
  writers.push(writer)
  const work = new WorkList(writer)
  files.forEach(([path, size], at) => work.add({ entry: at + 1, path, size, group: dataGroup(path), order: path }))
  return work
}

/** By path: the bytes of the group that the file is in. */
function groupBytes(work: WorkList, groups: DataGroups): Record<string, number | undefined> {
  return Object.fromEntries([...work.inOrder()].map((item) => [String(item.path), groups.of(item)?.bytes]))
}

describe('groups of files that may share a primer', () => {
  it('are the finest with enough bytes; small ones are joined with their likes', () => {
    const work = workOf([
      ['a/one/x.ts', 600],
      ['a/one/y.ts', 500],
      ['a/two/x.ts', 300],
      ['a/z.ts', 400],
      ['a/three/x.js', 350],
      ['b/x.py', 100],
      ['b/picture.jpg', 5000],
      ['b/words.md', 900],
    ])
    const groups = new DataGroups(work, 1000)
    expect(groupBytes(work, groups)).toEqual({
      'a/one/x.ts': 1100,
      'a/one/y.ts': 1100,
      'a/two/x.ts': 1050,
      'a/z.ts': 1050,
      'a/three/x.js': 1050,
      'b/x.py': undefined,
      'b/picture.jpg': undefined,
      'b/words.md': undefined,
    })
    expect(groups.all.map(({ files, bytes }) => [files, bytes])).toEqual([
      [2, 1100],
      [3, 1050],
    ])
  })

  it('leave a file that makes up much of one to itself', () => {
    const logs = Array.from({ length: 10 }, (_, day) => [`logs/${day}.log`, 2000] as const)
    const work = workOf([['tables/a.csv', 5000], ['tables/b.csv', 6000], ['tables/c.csv', 100], ...logs])
    const groups = new DataGroups(work, 1000)
    const found = groupBytes(work, groups)
    expect(found).toMatchObject({ 'tables/a.csv': 5000, 'tables/b.csv': 6000, 'logs/3.log': 20_000 })
    expect(found['tables/c.csv']).toBeUndefined()
  })

  it('are few: the largest', () => {
    const files = Array.from({ length: 30 }, (_, at) => [`${at}/x/file.log`, 1000 + at] as const)
    const groups = new DataGroups(workOf(files), 1000)
    expect(groups.all.map(({ bytes }) => bytes)).toEqual([1029, 1028, 1027, 1026, 1025, 1024, 1023, 1022])
  })
})

describe('the plan of samples', () => {
  const sizes = { candidates: 128 * 1024, testLength: 24 * 1024, tests: 2 }

  /** The bytes of each run as places in the concatenated files of the group. */
  function placesOf(
    work: WorkList,
    group: DataGroup,
    groups: DataGroups,
  ): { readonly test: number[]; readonly all: number[] } {
    const starts = new Map<string, number>()
    let total = 0
    for (const item of work.inOrder()) {
      if (groups.of(item) !== group) continue
      starts.set(String(item.path), total)
      total += item.size
    }
    const places = { test: [] as number[], all: [] as number[] }
    for (const run of planSamples(work, groups, () => sizes).get(group) ?? []) {
      let length = 0
      for (const { path, offset, length: part } of run.requests) {
        length += part
        for (let at = 0; at < part; at++) {
          const place = (starts.get(String(path)) ?? Number.NaN) + offset + at
          places.all.push(place)
          if (run.isTest) places.test.push(place)
        }
      }
      expect(length).toBe(run.length)
    }
    return places
  }

  const cases: Record<string, readonly (readonly [string, number])[]> = {
    'one large file': [['big.csv', 3_000_000]],
    'many small files': Array.from({ length: 3000 }, (_, at) => [`src/${at}.ts`, 200 + ((at * 37) % 500)] as const),
    'files of all sizes, some of them empty': Array.from(
      { length: 60 },
      (_, at) => [`src/${at}.ts`, at % 5 === 0 ? 0 : at * 700] as const,
    ),
  }

  it.each(Object.entries(cases))('lies evenly over %s, and tests share nothing with the rest', (_name, files) => {
    const work = workOf(files)
    const groups = new DataGroups(work, 1000)
    const [group] = groups.all
    if (group === undefined) throw new TypeError('there is a group')
    const { test, all } = placesOf(work, group, groups)
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(48 * 1024)
    expect(all.length).toBeLessThanOrEqual(sizes.candidates + sizes.tests * sizes.testLength)
    expect(test).toHaveLength(sizes.tests * sizes.testLength)
    expect(
      all.every((place, at) => place >= 0 && place < group.bytes && (at === 0 || place > (all[at - 1] ?? 0))),
    ).toBe(true)
    // No large part of the group goes without a look.
    const gaps = all.map((place, at) => place - (all[at - 1] ?? 0))
    expect(gaps.reduce((most, gap) => Math.max(most, gap), 0)).toBeLessThan(group.bytes / 2.5)
  })

  it('opens a bounded number of tiny files', () => {
    const work = workOf(Array.from({ length: 40_000 }, (_, at) => [`notes/${at}.md`, 40] as const))
    const groups = new DataGroups(work, 1000)
    const plan = planSamples(work, groups, () => ({ ...sizes, candidates: 4 * 1024 * 1024 }))
    const requests = [...plan.values()].flat().flatMap((run) => run.requests)
    expect(requests.length).toBeLessThan(5000)
    expect(requests.length).toBeGreaterThan(500)
  })
})

describe('an item without a group', () => {
  it('is in none', () => {
    const work = workOf([['a.log', 5000]])
    const item: WorkItem = { entry: 9, path: 'x', size: 5, group: undefined }
    expect(new DataGroups(work, 100).of(item)).toBeUndefined()
  })
})
