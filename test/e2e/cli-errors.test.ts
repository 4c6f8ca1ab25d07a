import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseBlockSize } from '../../src-main/shells/cli/parse-size'
import { lmz, lmzJson, program, startLmz } from './cli-process'
import { folderWithArchive, folderWithTree } from './cli-tree'
import { temporaryFolder } from '../support/temporary'
import { slowText } from '../unit/engine/slow-text'

describe('wrong usage ends with exit code 2 and a sentence: a script would go on as if all were well', () => {
  const wrong: readonly (readonly [string, ...string[]])[] = [
    ["Unknown command 'lst' (Did you mean list?)", 'lst', 'x.lmz'],
    ["Unknown option '--bad'. A name that begins with - goes behind a --.", 'list', 'x.lmz', '--bad'],
    ["Missing required argument 'path'.", 'create', 'x.lmz'],
    ['Allowed choices are fast, balanced, max.', 'create', 'x.lmz', '.', '--preset', 'best'],
    ["Too many arguments for 'find'.", 'find', 'x.lmz', 'a', 'b', 'c'],
    ['An argument is empty', 'create', 'x.lmz', ''],
    ['It is empty.', 'extract', 'x.lmz', '-C', ''],
    ['A block size is 64KiB to 16MiB.', 'create', 'x.lmz', '.', '--block-size', '17MiB'],
  ]

  it.each(wrong)('%s', async (sentence, ...parameters) => {
    const folder = temporaryFolder()
    const { exitCode, stdout, stderr } = await lmz(folder, ...parameters)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^lmz: .*\n$/)
    expect(stderr).toContain(sentence)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each(['5', '63KiB', '17MiB', '1GiB', '-1', '1.5MiB', 'big', ''])('takes %j for no block size', (size) => {
    expect(() => parseBlockSize(size)).toThrow('A block size is 64KiB to 16MiB.')
  })

  it('understands block sizes as people write them', () => {
    const sizes = ['65536', '64KiB', '64k', '1 MiB', '1mb', '16MiB'].map(parseBlockSize)
    expect(sizes).toEqual([65536, 65536, 65536, 1048576, 1048576, 16777216])
  })

  it('shows the help when nothing is asked for', async () => {
    const { exitCode, stdout, stderr } = await lmz('.')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('Usage: lmz')
  })

  it('says it in JSON too', async () => {
    const { exitCode, stderr, last } = await lmzJson('.', 'list', 'x.lmz', '--bad')
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' })
    expect(last).toMatchObject({ event: 'error', code: 'Usage' })
  })
})

describe('what is not there', () => {
  it('is named, by every verb', async () => {
    const folder = await folderWithArchive()
    const missing: readonly (readonly string[])[] = [
      ['list', 'none.lmz'],
      ['cat', 'photos.lmz', 'none.lmz'],
      ['extract', 'photos.lmz', 'none.lmz'],
      ['remove', 'photos.lmz', 'none.lmz'],
      ['add', 'photos.lmz', 'none.lmz'],
      ['add', 'photos.lmz', 'photos', '--into', 'none.lmz'],
      ['create', 'new.lmz', 'photos', 'none.lmz'],
      ['salvage', 'none.lmz', 'new.lmz'],
    ]
    const before = readFileSync(join(folder, 'photos.lmz'))
    for (const parameters of missing) {
      const { exitCode, stderr, last } = await lmzJson(folder, ...parameters)
      expect({ exitCode, stderr }, parameters.join(' ')).toEqual({ exitCode: 2, stderr: '' })
      expect(last).toMatchObject({ event: 'error', code: 'NotFound' })
      expect(last['message']).toContain('none.lmz')
    }
    expect(readdirSync(folder).toSorted()).toEqual(['photos', 'photos.lmz'])
    expect(readFileSync(join(folder, 'photos.lmz')).equals(before)).toBe(true)
  })
})

it.skipIf(process.platform === 'win32')('links that lead nowhere are told of in words', async () => {
  const folder = temporaryFolder()
  symlinkSync('loop', join(folder, 'loop'))
  const { exitCode, stderr } = await lmz(folder, 'explain', 'loop')
  expect(exitCode).toBe(4)
  expect(stderr).toMatch(/^lmz: Cannot read .*loop: links lead from one to the other without end\.\n$/)
})

describe('what is no archive, or not a whole one', () => {
  it('ends with exit code 3 and is left as it is', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'text.lmz'), 'This is a letter to my aunt, and no archive at all.')
    writeFileSync(join(folder, 'empty.lmz'), '')
    mkdirSync(join(folder, 'folder.lmz'))
    // Nobody writes to it: whoever opened it to read would wait for ever.
    if (process.platform !== 'win32') spawnSync('mkfifo', [join(folder, 'pipe.lmz')])
    const names = readdirSync(folder)
    for (const name of readdirSync(folder)) {
      for (const verb of name === 'text.lmz' ? ['extract', 'compact'] : ['list']) {
        const { exitCode, stdout, stderr } = await lmz(folder, verb, name)
        expect({ exitCode, stdout }, `${verb} ${name}`).toEqual({ exitCode: 3, stdout: '' })
        expect(stderr).toMatch(new RegExp(`^lmz: .*${name} is not (an lmz archive|a file)\\.\n$`))
      }
    }
    expect(readdirSync(folder)).toEqual(names)
    expect(readFileSync(join(folder, 'text.lmz'), 'utf8')).toContain('my aunt')
  })

  it('is read as far as it goes, and said to be damaged: a cut-off backup would pass for a good one', async () => {
    const folder = await folderWithArchive()
    const path = join(folder, 'photos.lmz')
    // Only the footer is lost.
    truncateSync(path, readFileSync(path).length - 1)
    const readable: readonly (readonly string[])[] = [
      ['list', 'photos.lmz'],
      ['cat', 'photos.lmz', 'photos/readme.txt'],
      ['info', 'photos.lmz'],
      ['verify', 'photos.lmz'],
      ['extract', 'photos.lmz', '-C', 'out', '--links', 'none'],
    ]
    for (const parameters of readable) {
      const { exitCode, stdout, stderr } = await lmz(folder, ...parameters)
      expect(exitCode, parameters.join(' ')).toBe(3)
      expect(stderr).toMatch(/photos\.lmz is cut off or damaged after .*: 5 of 5 files can be extracted\.\n/)
      expect(stdout).not.toBe('')
      expect(stdout).not.toContain('whole')
    }
    expect((await lmz(folder, 'add', 'photos.lmz', 'photos')).exitCode).toBe(3)
    expect((await lmz(folder, 'salvage', 'photos.lmz', 'saved.lmz')).exitCode).toBe(0)
    expect((await lmz(folder, 'verify', 'saved.lmz')).exitCode).toBe(0)
  })

  it('keeps its names from a terminal even in errors', async () => {
    const folder = temporaryFolder()
    const { stderr } = await lmz(folder, 'list', 'x\u001b[31m\u202e.lmz')
    expect(stderr).toContain('x\\x1b[31m\\u202e.lmz')
  })
})

describe.skipIf(process.platform === 'win32')('what is refused, with exit code 4', () => {
  it('an archive of the target’s name, a folder, a place that takes no files', async () => {
    const folder = await folderWithArchive()
    mkdirSync(join(folder, 'taken'))
    writeFileSync(join(folder, 'file'), '')
    const refused: readonly (readonly string[])[] = [
      ['create', 'photos.lmz', 'photos'],
      ['create', 'taken', 'photos', '--replace'],
      ['salvage', 'photos.lmz', 'photos.lmz'],
      ['create', '/proc/x.lmz', 'photos'],
      ['extract', 'photos.lmz', '-C', 'file'],
    ]
    for (const parameters of refused) {
      const { exitCode, stdout, stderr } = await lmz(folder, ...parameters)
      expect({ exitCode, stdout }, parameters.join(' ')).toEqual({ exitCode: 4, stdout: '' })
      expect(stderr).toMatch(/^lmz: .*\.\n$/)
    }
  })

  it('an archive another program is changing', async () => {
    const folder = await folderWithArchive()
    writeFileSync(join(folder, 'long.txt'), slowText(8_000_000))
    const first = startLmz(folder, 'add', 'photos.lmz', 'long.txt', '--preset', 'max', '--json')
    await once(first.stdout!, 'data')
    const { exitCode, stderr } = await lmz(folder, 'compact', 'photos.lmz')
    expect(exitCode).toBe(4)
    expect(stderr).toBe('lmz: photos.lmz is being changed by another program. Try again when it is done.\n')
    first.kill('SIGINT')
    await once(first, 'close')
  })
})

describe('names', () => {
  it('with dashes, spaces and tails of all kinds reach what they name', async () => {
    const folder = folderWithTree()
    expect((await lmz(folder, 'create', '--', '-x y.lmz', 'photos/')).exitCode).toBe(0)
    expect((await lmz(folder, 'list', '--', '-x y.lmz')).stdout).toBe('photos/\n')
    expect((await lmz(folder, 'list', './-x y.lmz', '--json')).stdout).toContain('{"event":"entry","path":"photos"')
    expect((await lmz(folder, 'cat', '--', '-x y.lmz', '--json')).stderr).toContain('There is no --json in -x y.lmz.')
    expect((await lmz(folder, 'cat', '--', '-x y.lmz', 'photos/a b/ünï 😀.md')).stdout).toBe('unicode')
    if (process.platform === 'win32') return
    symlinkSync('-x y.lmz', join(folder, 'link.lmz'))
    expect((await lmz(folder, 'remove', 'link.lmz', 'photos/a b')).exitCode).toBe(0)
    expect((await lmz(folder, 'list', '--', '-x y.lmz', 'photos')).stdout).not.toContain('a b')
  })
})

describe.skipIf(process.platform === 'win32')('being stopped', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s leaves nothing behind and ends with 130', async (signal) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'long.txt'), slowText(8_000_000))
    const child = startLmz(folder, 'create', 'x.lmz', 'long.txt', '--preset', 'max', '--json')
    await once(child.stdout!, 'data')
    const said: string[] = []
    child.stdout!.on('data', (bytes: Buffer) => said.push(bytes.toString()))
    // Twice, as it comes from a terminal through npm.
    child.kill(signal)
    child.kill(signal)
    const [exitCode] = (await once(child, 'close')) as [number | null]
    expect(exitCode).toBe(130)
    expect(said.join('')).toMatch(
      /"event":"error","code":"Cancelled","message":"Cancelled\. Nothing was changed\."\}\n$/,
    )
    expect(readdirSync(folder)).toEqual(['long.txt'])
  })

  it('by a reader that has seen enough is no error for a listing, and does not stop a job', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'many'))
    for (let number = 0; number < 3000; number++) writeFileSync(join(folder, 'many', `${'x'.repeat(60)}${number}`), '')
    const creating = startLmz(folder, 'create', '--json', 'x.lmz', 'many')
    creating.stdout!.destroy()
    expect(await once(creating, 'close')).toEqual([0, null])
    expect(existsSync(join(folder, 'x.lmz'))).toBe(true)
    const listing = startLmz(folder, 'list', '-r', 'x.lmz')
    await once(listing.stdout!, 'data')
    listing.stdout!.destroy()
    expect(await once(listing, 'close')).toEqual([0, null])
  })

  it.skipIf(!existsSync('/dev/full'))('by a full disk is told: half a listing would pass for a whole one', async () => {
    const folder = await folderWithArchive()
    const full = openSync('/dev/full', 'w')
    for (const parameters of [['list', '-r'], ['info', '--json'], ['list']]) {
      const result = spawnSync(process.execPath, [program, ...parameters, 'photos.lmz'], {
        cwd: folder,
        stdio: ['ignore', full, 'pipe'],
      })
      expect(result.status).toBe(4)
      expect(result.stderr.toString()).toBe('lmz: Cannot write to standard output: the disk is full.\n')
    }
    closeSync(full)
  })
})
