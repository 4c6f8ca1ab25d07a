import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { extractArchive, type ExtractOptions } from '../../src-main/archive/extraction/extract'
import type { Progress } from '../../src-main/contract/progress'
import { maximumBlockLength } from '../../src-main/format/frame'
import { type Craft, craftArchive } from '../support/crafted-archive'
import { runLmz } from '../support/lmz-process'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(11)
const text = random.text(3000)
/** Ten million files take a minute and two gigabytes to make. */
const files = process.env['LMZ_LONG'] === '1' ? 10_000_000 : 20_000
const timeout = 3_600_000

function prepare(craft: Craft): { readonly folder: string; readonly archive: string; readonly out: string } {
  const folder = temporaryFolder()
  const archive = join(folder, 'hostile.lmz')
  writeFileSync(archive, craftArchive(craft).bytes)
  return { folder, archive, out: join(folder, 'out') }
}

function many(count: number): string {
  return `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT ${count})`
}

const small: Craft = { blocks: [{ files: { 'a.txt': text, 'b.txt': random.text(2000) } }] }
/** A block of zeros, of which a file may have any number of copies. */
const zeros = { files: { 'a.txt': Buffer.alloc(maximumBlockLength) }, codec: 1 }

/** How an extraction ends, and that there is nothing if it is refused. */
async function refusalOf(
  archive: string,
  out: string,
  options: ExtractOptions,
  entries: string[] = [],
): Promise<unknown> {
  const outcome = await extractArchive(archive, entries, out, { smart: false, ...options }).then(
    () => 'done',
    (thrown: unknown) => thrown,
  )
  if (outcome !== 'done') expect(existsSync(out), 'something was written').toBe(false)
  return outcome
}

describe('an extraction that may come to so much', () => {
  it.each([
    [{ bytes: 4999 }, 'The limit is 5.0 kB'],
    [{ entries: 1 }, 'The limit is 1'],
    [{ hours: 0 }, 'The limit is 0 hours'],
  ])('is refused over the limit %o, before anything is written', async (limits, words) => {
    const { archive, out } = prepare(small)
    expect(await refusalOf(archive, out, { limits })).toMatchObject({
      code: 'Limit',
      message: expect.stringContaining(words),
    })
  })

  it('is done up to the limit', async () => {
    const { archive, out } = prepare(small)
    expect(await refusalOf(archive, out, { limits: { bytes: 5000, entries: 2, hours: 1 } })).toBe('done')
    expect(readFileSync(join(out, 'a.txt')).equals(text)).toBe(true)
  })

  it('says how much there is before the first file is made: a user could not stop it in time', async () => {
    const { archive, out } = prepare(small)
    const told: (Progress & { readonly made: number })[] = []
    const onProgress = (progress: Progress): void => {
      const staging = readdirSync(out).map((name) => join(out, name))
      const made = staging.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
      told.push({ ...progress, made: made.filter((item) => item.isFile()).length })
    }
    await extractArchive(archive, [], out, { onProgress, smart: false })
    expect(told[0]).toMatchObject({ bytesTotal: 5000, entriesTotal: 2, made: 0 })
  })

  it('is limited on the command line, and the limit can be lifted', async () => {
    const { archive, out } = prepare(small)
    const refused = await runLmz(['extract', archive, '-C', out, '--limit-size', '1.5kB'])
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('claims to hold 5.0 kB') })
    expect(existsSync(out)).toBe(false)
    for (const wrong of ['much', '-1', '1XB', '1e9', '']) {
      expect((await runLmz(['extract', archive, '-C', out, '--limit-size', wrong])).code, wrong).toBe(2)
    }
    const limits = ['--limit-size', 'none', '--limit-entries', '2', '--limit-hours', '0.5']
    expect((await runLmz(['extract', archive, '-C', out, ...limits])).code).toBe(0)
  })
})

describe('without limits of the user', () => {
  it('17 GiB in a kilobyte are refused, with a way to say that it is meant so', { timeout }, async () => {
    const copies = 1090
    const tamper = `${many(copies - 1)} INSERT INTO extent SELECT 1, n, 1, 1 FROM n;
      UPDATE content SET size = ${copies * maximumBlockLength}`
    const { archive, out } = prepare({ blocks: [zeros], tamper })
    expect(readFileSync(archive).length).toBeLessThan(20_000)
    // Where the disk has less room than that, this is what is said first.
    const refusal = await refusalOf(archive, out, {})
    if ((refusal as { code?: string }).code === 'NoSpace') return
    expect(refusal).toMatchObject({ code: 'Limit', message: expect.stringContaining('--limit-size 19GB') })
  })

  it(
    `one chunk in ${files} files is refused, and they are counted without being held in memory`,
    { timeout },
    async () => {
      const tamper = `${many(files)} INSERT INTO entry SELECT n + 1, 0, 'f' || n, NULL, 0, 420, 0, 1, NULL, NULL FROM n`
      const { archive, out } = prepare({ blocks: [zeros], tamper })
      const before = process.memoryUsage().rss
      expect(await refusalOf(archive, out, {})).toMatchObject({ code: expect.stringMatching(/^(Limit|NoSpace)$/) })
      if (files > 1e6)
        console.info(`${files} files: ${((process.memoryUsage().rss - before) / 1e6).toFixed(0)} MB more`)
    },
  )
})

/** So many blocks of 16 MiB each, for a codec that takes its time; what is stored of them is a few bytes. */
function slowBlocks(count: number, codec: number): Craft {
  const blocks = Array.from({ length: count }, (_none, at) => ({
    files: { [`f${at}`]: Buffer.of(at & 255, at >> 8, 7) },
  }))
  const tamper = `UPDATE block SET raw_length = ${maximumBlockLength}, codec = ${codec};
    UPDATE chunk SET length = ${maximumBlockLength}; UPDATE content SET size = ${maximumBlockLength}`
  return { blocks, tamper }
}

describe('blocks that take a model long to decode', { timeout: 60_000 }, () => {
  it('are refused together where they take more than a day', async () => {
    const { archive, out } = prepare(slowBlocks(400, 3))
    const refusal = { code: 'Limit', message: expect.stringContaining('--limit-hours') }
    expect(await refusalOf(archive, out, {})).toMatchObject(refusal)
  })

  it('are counted as they come where only some files are taken out', async () => {
    const { archive, out } = prepare(slowBlocks(4, 3))
    const some = ['f0', 'f1', 'f2']
    // Each takes 4.5 minutes by the price of a byte; these are broken, and end at once.
    expect(await refusalOf(archive, out, { limits: { hours: 0.1 } }, some)).toMatchObject({ code: 'Limit' })
    const { problems } = await extractArchive(archive, some, out, { limits: { hours: 0.3 } })
    expect(problems).toHaveLength(3)
  })

  it('stop within a second when they are cancelled', async () => {
    // A code of mix that is none: its model goes through all 16 MiB before that shows.
    const stored = Buffer.concat([Buffer.of(0, 4, 0, 4, 0), random.bytes(2000)])
    const lengths = { rawLength: maximumBlockLength, codec: 2 }
    const { tamper } = slowBlocks(1, 2)
    const craft: Craft = {
      blocks: [{ files: { a: text }, stored, header: lengths }],
      tamper: `${tamper ?? ''}; UPDATE block SET stored_length = ${stored.length}`,
    }
    const { folder, archive, out } = prepare(craft)
    const abort = new AbortController()
    const work = extractArchive(archive, [], out, { signal: abort.signal, smart: false }).catch(
      (thrown: unknown) => thrown,
    )
    await wait(1500)
    const cancelledAt = performance.now()
    abort.abort()
    expect(await work).toMatchObject({ code: 'Cancelled' })
    expect(performance.now() - cancelledAt).toBeLessThan(1000)
    expect(readdirSync(folder)).toEqual(['hostile.lmz'])
  })
})
