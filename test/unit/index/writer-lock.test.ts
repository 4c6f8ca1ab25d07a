import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WriterLock } from '../../../src-main/index/writer-lock'

const busy = expect.objectContaining({ code: 'Busy' }) as Error
const lockModule = pathToFileURL(join(import.meta.dirname, '../../../src-main/index/writer-lock.ts')).href

/** Lets plain Node find our modules, whose imports have no extension. */
const resolveTypeScript = `
  import { registerHooks } from 'node:module'
  registerHooks({
    resolve: (specifier, context, next) => {
      const isOurs = /^\\.\\.?\\//.test(specifier) && context.parentURL?.endsWith('.ts')
      return next(isOurs ? specifier + '.ts' : specifier, context)
    },
  })`
const importHook = `data:text/javascript,${encodeURIComponent(resolveTypeScript)}`

/** A program that takes the lock and says how that went, then keeps it until it is told to stop. */
const holder = `
  const { WriterLock } = await import(${JSON.stringify(lockModule)})
  try {
    const lock = WriterLock.acquire(process.argv[1])
    process.stdout.write('locked')
    process.stdin.once('data', () => { lock.release(); process.exit() })
  } catch (error) {
    process.stdout.write(error.code)
    process.exit()
  }`

function startHolder(path: string): ChildProcess {
  const options = ['--no-warnings', '--import', importHook, '--input-type=module', '-e', holder, path]
  return spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function firstOutput(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => ['ended without a word'])
  const [output] = (await Promise.race([once(child.stdout ?? child, 'data'), ended])) as [Buffer | string]
  return output.toString()
}

describe('WriterLock', () => {
  let directory = ''
  let archive = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lmz-lock-'))
    archive = join(directory, 'photos.lmz')
    writeFileSync(archive, 'archive')
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('lets in one writer at a time and leaves no file behind', () => {
    const lock = WriterLock.acquire(archive)
    expect(basename(lock.lockPath)).toBe('.photos.lmz.lock')
    expect(() => WriterLock.acquire(archive)).toThrow(busy)
    expect(() => WriterLock.acquire(archive)).toThrow(
      'photos.lmz is being changed by another program. Try again when it is done.',
    )
    lock.release()
    lock.release()
    const next = WriterLock.acquire(archive)
    expect(readdirSync(directory).sort()).toEqual(['.photos.lmz.lock', 'photos.lmz'])
    next.release()
    expect(readdirSync(directory)).toEqual(['photos.lmz'])
  })

  it('is one lock whatever way the archive is named, and before it exists', () => {
    mkdirSync(join(directory, 'sub'))
    symlinkSync(archive, join(directory, 'sub', 'link.lmz'))
    symlinkSync(directory, join(directory, 'sub', 'up'))
    const lock = WriterLock.acquire(join(directory, 'sub', 'link.lmz'))
    expect(basename(lock.archivePath)).toBe('photos.lmz')
    expect(() => WriterLock.acquire(join(directory, 'sub', 'up', 'photos.lmz'))).toThrow(busy)
    lock.release()

    const early = WriterLock.acquire(join(directory, 'new.lmz'))
    expect(() => WriterLock.acquire(join(directory, 'sub', '..', 'new.lmz'))).toThrow(busy)
    early.release()
  })

  it('keeps different archives of a folder apart', () => {
    const first = WriterLock.acquire(archive)
    const second = WriterLock.acquire(join(directory, 'other.lmz'))
    first.release()
    second.release()
  })

  it('keeps out other processes, and is freed by the kernel when its holder is killed', async () => {
    const child = startHolder(archive)
    try {
      expect(await firstOutput(child)).toBe('locked')
      expect(() => WriterLock.acquire(archive)).toThrow(busy)
    } finally {
      child.kill('SIGKILL')
    }
    await once(child, 'exit')
    expect(existsSync(join(directory, '.photos.lmz.lock'))).toBe(true)
    const lock = WriterLock.acquire(archive)
    const other = startHolder(archive)
    expect(await firstOutput(other)).toBe('Busy')
    lock.release()
    expect(readdirSync(directory)).toEqual(['photos.lmz'])
  })

  it('is not lost when another part of the program fails to get it, in this thread or another', async () => {
    const lock = WriterLock.acquire(archive)
    // Closing any handle on a file drops this process's locks on it, unless SQLite sees to it.
    expect(() => WriterLock.acquire(archive)).toThrow(busy)
    const script = `
      const { parentPort, workerData } = require('node:worker_threads')
      const Database = require(workerData.sqlite)
      const database = new Database(workerData.path, { timeout: 0 })
      try { database.exec('BEGIN EXCLUSIVE'); parentPort.postMessage('locked') } catch (error) { parentPort.postMessage(error.code) }
      database.close()`
    const sqlite = join(import.meta.dirname, '../../../node_modules/better-sqlite3')
    const worker = new Worker(script, { eval: true, workerData: { sqlite, path: lock.lockPath } })
    const [answer] = (await once(worker, 'message')) as [string]
    await worker.terminate()
    expect(answer).toBe('SQLITE_BUSY')
    const other = startHolder(archive)
    expect(await firstOutput(other)).toBe('Busy')
    lock.release()
  })

  it('goes from process to process without ever being held twice', async () => {
    const children = Array.from({ length: 4 }, () => startHolder(archive))
    const outputs = await Promise.all(children.map(firstOutput))
    expect(outputs.filter((output) => output === 'locked')).toHaveLength(1)
    expect(outputs.filter((output) => output === 'Busy')).toHaveLength(3)
    children[outputs.indexOf('locked')]?.stdin?.end('stop')
    for (const child of children) if (child.exitCode === null) await once(child, 'exit')
    expect(readdirSync(directory)).toEqual(['photos.lmz'])
  })

  it('does not take a lock on a file that was removed by its last holder for the lock', () => {
    // The file is replaced between being opened and being locked, as when its holder releases it at that moment.
    const lockPath = join(directory, '.photos.lmz.lock')
    writeFileSync(lockPath, '')
    let replaced = 0
    const exec = vi.spyOn(Database.prototype, 'exec').mockImplementation(function (this: Database.Database, sql) {
      if (replaced++ < 3) {
        rmSync(lockPath)
        // The freed inode number must not go to the new lock file, as it might not in the real case either.
        writeFileSync(join(directory, `spare ${replaced}`), '')
        writeFileSync(lockPath, '')
      }
      this.prepare(sql).run()
      return this
    })
    const lock = WriterLock.acquire(archive)
    exec.mockRestore()
    expect(replaced).toBe(4)
    expect(() => WriterLock.acquire(archive)).toThrow(busy)
    lock.release()
  })

  it('does not remove the lock file of somebody else', () => {
    const lock = WriterLock.acquire(archive)
    rmSync(lock.lockPath)
    const other = WriterLock.acquire(archive)
    lock.release()
    expect(existsSync(other.lockPath)).toBe(true)
    other.release()
  })

  it('takes names of the greatest length', () => {
    const long = join(directory, `${'n'.repeat(251)}.lmz`)
    const lock = WriterLock.acquire(long)
    expect(() => WriterLock.acquire(long)).toThrow(busy)
    lock.release()
    expect(readdirSync(directory)).toEqual(['photos.lmz'])
  })

  it('touches nothing that stands in the place of its file', () => {
    const lockPath = join(directory, '.photos.lmz.lock')
    const target = join(directory, 'precious')
    symlinkSync(target, lockPath)
    const refused = expect.objectContaining({ code: 'Io', subject: lockPath }) as Error
    expect(() => WriterLock.acquire(archive)).toThrow(refused)
    expect(existsSync(target)).toBe(false)
    rmSync(lockPath)
    writeFileSync(lockPath, 'somebody’s notes')
    expect(() => WriterLock.acquire(archive)).toThrow(refused)
    expect(readdirSync(directory).sort()).toEqual(['.photos.lmz.lock', 'photos.lmz'])
  })

  it('says what is wrong with a folder it cannot write to, or that is missing', () => {
    expect(() => WriterLock.acquire(join(directory, 'missing', 'a.lmz'))).toThrow(
      expect.objectContaining({ code: 'NotFound' }),
    )
    if (process.platform === 'linux') {
      expect(() => WriterLock.acquire('/proc/self/a.lmz')).toThrow(
        expect.objectContaining({ code: 'Io', message: 'Cannot change a.lmz: its folder does not allow new files.' }),
      )
    }
    if (process.getuid?.() !== 0 && process.platform !== 'win32') {
      chmodSync(directory, 0o500)
      expect(() => WriterLock.acquire(archive)).toThrow(expect.objectContaining({ code: 'Io' }))
      chmodSync(directory, 0o700)
    }
  })
})
