import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { compactArchive } from '../../src-main/archive/rewrite'
import { diskStorage, type Storage } from '../../src-main/archive/storage'
import { verifyArchive } from '../../src-main/archive/verify'
import { LmzError } from '../../src-main/contract/error'
import { stateOf } from '../support/archive-state'
import { lmzProgram, runLmz } from '../support/lmz-process'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(seed)

async function prepare(): Promise<{ readonly folder: string; readonly source: string; readonly archive: string }> {
  const folder = temporaryFolder()
  const source = join(folder, 'source')
  mkdirSync(source)
  for (let n = 0; n < 12; n++) writeFileSync(join(source, `file-${n}`), random.text(40_000))
  const archive = join(folder, 'target.lmz')
  await createArchive(archive, [source], { preset: 'fast', blockSize: 64 * 1024 })
  return { folder, source, archive }
}

describe('several programs with one archive', () => {
  it('that add to it at once all succeed, one after the other, or are told to wait', { timeout: 60_000 }, async () => {
    const { folder, archive } = await prepare()
    const names = Array.from({ length: 4 }, (_, n) => `later-${n}`)
    const busy: string[] = []
    const addUntilDone = async (name: string): Promise<void> => {
      const path = join(folder, name)
      writeFileSync(path, random.text(20_000))
      for (;;) {
        const { code, stderr } = await runLmz(['add', archive, path])
        if (code === 0) return
        expect(code, stderr).toBe(4)
        expect(stderr).toContain('is being changed by another program')
        busy.push(name)
      }
    }
    await Promise.all([...names.map(addUntilDone), runLmz(['verify', archive])])
    expect(Object.keys(await stateOf(archive))).toEqual(expect.arrayContaining(names))
    expect((await verifyArchive(archive)).problems).toEqual([])
    expect(readdirSync(folder).sort()).toEqual([...names, 'source', 'target.lmz'].sort())
  })

  it('that read while it is added to and compacted always see a whole state', { timeout: 60_000 }, async () => {
    const { folder, archive } = await prepare()
    const first = Object.keys(await stateOf(archive))
    let isChanging = true
    let reads = 0
    const read = async (): Promise<void> => {
      while (isChanging) {
        const names = Object.keys(await stateOf(archive))
        expect(names).toEqual(expect.arrayContaining(first))
        reads++
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    const change = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        const path = join(folder, `later-${round}`)
        writeFileSync(path, random.text(100_000))
        await addToArchive(archive, [path])
        await compactArchive(archive)
        // One that gives up, and takes back what it has appended.
        const abort = new AbortController()
        const adding = addToArchive(archive, [join(folder, 'source')], {
          signal: abort.signal,
          onProgress: () => abort.abort(),
        })
        await expect(adding).rejects.toMatchObject({ code: 'Cancelled' })
      }
      isChanging = false
    }
    await Promise.all([read(), change()])
    expect(reads).toBeGreaterThan(4)
  })

  it('that opens it while an unfinished change is being taken back sees the state before', async () => {
    const { archive } = await prepare()
    const before = readFileSync(archive)
    writeFileSync(archive, Buffer.concat([before, random.bytes(3_000_000)]))
    let opened = 0
    const storage: Storage = {
      ...diskStorage,
      openSource(path) {
        const source = diskStorage.openSource(path)
        if (opened++ === 0) truncateSync(path, before.length)
        return source
      },
    }
    const reader = await Archive.open(archive, storage)
    expect(reader.condition).toBe('intact')
    expect(opened).toBe(2)
    reader.close()
  })

  it('replaced while it is being extracted: what comes out is of one archive', { timeout: 60_000 }, async () => {
    const { folder, archive } = await prepare()
    const state = await stateOf(archive)
    const reader = await Archive.open(archive)
    await createArchive(archive, [join(folder, 'source/file-0')], { replace: true })
    for (const block of reader.index.blocks()) expect(reader.readBlock(block.id)).toHaveLength(block.rawLength)
    expect([...reader.index.entries()]).toHaveLength(Object.keys(state).length)
    reader.close()
  })
})

// The limit is on the size of files, which a shell sets; what it stops looks to lmz like a full disk.
describe.skipIf(process.platform === 'win32')('a file system that is full', () => {
  function runLimited(
    kilobytes: number,
    parameters: readonly string[],
  ): Promise<{ code: number | null; output: string }> {
    const command = `ulimit -f ${kilobytes * 2}; exec "$@"`
    const child = spawn('sh', ['-c', command, 'sh', process.execPath, lmzProgram, ...parameters])
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    }
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
  }

  it.each(['create', 'add', 'remove', 'compact'])(
    'stops %s, and everything is as it was',
    { timeout: 60_000 },
    async (verb) => {
      const { folder, source, archive } = await prepare()
      writeFileSync(join(source, 'noise'), random.bytes(300_000))
      await addToArchive(archive, [source])
      writeFileSync(join(source, 'more'), random.bytes(300_000))
      const before = readFileSync(archive)
      const size = statSync(archive).size / 1024
      const parameters: Readonly<Record<string, readonly string[]>> = {
        create: ['create', join(folder, 'new.lmz'), source],
        add: ['add', archive, source],
        remove: ['remove', archive, 'source/file-1'],
        compact: ['compact', archive],
      }
      for (const share of [0.001, 0.3, 0.9, verb === 'add' ? 1.1 : 0.95]) {
        const { code, output } = await runLimited(Math.ceil(size * share), parameters[verb] ?? [])
        expect(code, output).toBe(4)
        expect(output).toContain('does not allow a file this large')
        expect(readdirSync(folder).sort()).toEqual(['source', 'target.lmz'])
        expect(readFileSync(archive).equals(before)).toBe(true)
      }
      copyFileSync(archive, join(folder, 'copy.lmz'))
      await addToArchive(archive, [source])
      expect((await verifyArchive(archive)).problems).toEqual([])
    },
  )

  it('costs an extraction the files that do not fit, each named, and no others', async () => {
    const { folder, source, archive } = await prepare()
    writeFileSync(join(source, 'noise'), random.bytes(300_000))
    await addToArchive(archive, [source])
    const out = join(folder, 'out')
    const { code, output } = await runLimited(100, ['extract', archive, '-C', out])
    expect(code, output).toBe(1)
    expect(output).toContain('source/noise')
    expect(readdirSync(join(out, 'source'))).toHaveLength(12)
    expect(readdirSync(out)).toEqual(['source'])
  })
})

describe('a disk that fails once', () => {
  it.each(['append', 'sync'] as const)('in the middle of %s: the change after it works', async (operation) => {
    const { folder, source, archive } = await prepare()
    const before = await stateOf(archive)
    writeFileSync(join(source, 'more'), random.bytes(100_000))
    let calls = 0
    const storage: Storage = {
      ...diskStorage,
      async openForAppend(path) {
        const sink = await diskStorage.openForAppend(path)
        const original = sink[operation].bind(sink)
        Object.defineProperty(sink, operation, {
          value: (...parts: Uint8Array[]) => {
            if (calls++ === 1) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' })
            return original(...parts)
          },
        })
        return sink
      },
    }
    const failing = addToArchive(archive, [source], {}, storage)
    await expect(failing).rejects.toBeInstanceOf(LmzError)
    await expect(failing).rejects.toMatchObject({ code: 'Io' })
    expect(await stateOf(archive)).toEqual(before)
    const called = calls
    await addToArchive(archive, [source], {}, storage)
    // Nothing is tried again by itself.
    expect(called).toBe(2)
    expect(Object.keys(await stateOf(archive))).toContain('source/more')
    expect((await verifyArchive(archive)).problems).toEqual([])
    expect(readdirSync(folder).sort()).toEqual(['source', 'target.lmz'])
  })
})
