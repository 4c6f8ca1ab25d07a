import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Outlet } from '../../../src-main/outlet/outlet'
import {
  contents,
  directory,
  extract,
  file,
  hardLink,
  placeAll,
  snapshot,
  someTime,
  symlink,
  temporaryFolder,
} from './extraction'

const options = { overwrite: 'skip', onProblem: () => undefined } as const

function microseconds(path: string): bigint {
  return lstatSync(path, { bigint: true }).mtimeNs / 1000n
}

describe('a whole tree', () => {
  it('comes out with contents, modes, times, links and empty folders as they were', async () => {
    const destination = join(temporaryFolder(), 'new', 'place')
    const photos = directory('photos', undefined, { mode: 0o500, mtimeNs: someTime - 5_000n })
    const year = directory('2023', photos, { mode: 0o750, mtimeNs: someTime - 1_000_000_007n })
    const picture = file('a.jpg', 'picture', year, { mode: 0o640 })
    const { result, problems } = await extract(destination, [
      photos,
      year,
      picture,
      directory('empty', photos, { mode: 0o711 }),
      hardLink('same.jpg', picture.id, photos),
      symlink('latest', '2023/a.jpg', photos, { mtimeNs: -1_500n }),
      file('run', '#!', undefined, { mode: 0o6755, mtimeNs: 0n }),
    ])
    expect(problems).toEqual([])
    expect(result).toEqual({ files: 3, directories: 3, symlinks: 1, skipped: 0, renamed: 0, problems: 0 })
    expect(contents(destination)).toEqual({
      photos: '/',
      'photos/2023': '/',
      'photos/2023/a.jpg': 'picture',
      'photos/empty': '/',
      'photos/same.jpg': 'picture',
      'photos/latest': '-> 2023/a.jpg',
      run: '#!',
    })
    const modes = ['photos', 'photos/2023', 'photos/2023/a.jpg', 'photos/empty', 'run'].map((path) =>
      (lstatSync(join(destination, path)).mode & 0o7777).toString(8),
    )
    expect(modes, 'permissions round-trip, but set-user-id bits never').toEqual(['500', '750', '640', '711', '755'])
    expect(microseconds(join(destination, 'photos'))).toBe((someTime - 5_000n) / 1000n)
    expect(microseconds(join(destination, 'photos/2023'))).toBe((someTime - 1_000_000_007n) / 1000n)
    expect(microseconds(join(destination, 'photos/2023/a.jpg'))).toBe(someTime / 1000n)
    expect(lstatSync(join(destination, 'photos/latest'), { bigint: true }).mtimeNs).toBe(-1_500n)
    expect(microseconds(join(destination, 'run'))).toBe(0n)
    const inodes = ['photos/2023/a.jpg', 'photos/same.jpg'].map((path) => statSync(join(destination, path)).ino)
    expect(inodes[0], 'hard links stay one file').toBe(inodes[1])
  })

  it('keeps a name that is not valid UTF-8 to the byte', async () => {
    const destination = temporaryFolder()
    const rawName = Buffer.from([0x66, 0xff, 0xfe])
    const folder = directory('f\ufffd\ufffd', undefined, { rawName })
    await extract(destination, [folder, file('inside', 'x', folder), file('\ufffd', 'y', folder, { rawName })])
    expect(contents(destination)).toEqual({ fÿþ: '/', 'fÿþ/inside': 'x', 'fÿþ/fÿþ': 'y' })
  })

  it('leaves nothing of staging behind, and nothing at all when it is discarded', async () => {
    const parent = temporaryFolder()
    await extract(join(parent, 'kept'), [file('a', 'x')])
    expect(readdirSync(join(parent, 'kept'))).toEqual(['a'])

    const outlet = await Outlet.open(join(parent, 'made', 'for', 'it'), options)
    const folder = directory('d', undefined, { mode: 0 })
    await placeAll(outlet, [folder, file('f', 'x', folder), symlink('l', 'd/f')], [])
    await outlet.discard()
    await outlet.discard()
    expect(readdirSync(parent), 'folders made for a cancelled extraction go too').toEqual(['kept'])
    expect(() => outlet.place(file('late'))).toThrow(expect.objectContaining({ code: 'Usage' }) as Error)
  })

  it('keeps what someone else has put into a folder it made, when discarding', async () => {
    const parent = temporaryFolder()
    const outlet = await Outlet.open(join(parent, 'made'), options)
    writeFileSync(join(parent, 'made', 'mine.txt'), 'precious')
    await outlet.discard()
    expect(contents(parent)).toEqual({ made: '/', 'made/mine.txt': 'precious' })
  })

  it('takes a hard link without its file as a file of its own', async () => {
    const destination = temporaryFolder()
    const outlet = await Outlet.open(destination, options)
    const placement = await outlet.place(hardLink('alone', 99_999))
    expect(placement?.kind).toBe('file')
    await outlet.discard()
  })

  it('works under a umask that would take permissions away', async () => {
    const destination = temporaryFolder()
    const before = process.umask(0o077)
    try {
      const folder = directory('shared', undefined, { mode: 0o775 })
      await extract(destination, [folder, file('f', '', folder, { mode: 0o666 })])
    } finally {
      process.umask(before)
    }
    expect(statSync(join(destination, 'shared')).mode & 0o777).toBe(0o775)
    expect(statSync(join(destination, 'shared/f')).mode & 0o777).toBe(0o666)
  })
})

describe('an existing destination', () => {
  it('is merged with: existing folders keep their permissions and what is in them', async () => {
    const destination = temporaryFolder()
    mkdirSync(join(destination, 'both/deep'), { recursive: true })
    chmodSync(join(destination, 'both'), 0o751)
    writeFileSync(join(destination, 'both/mine'), 'mine')
    const both = directory('both', undefined, { mode: 0o777 })
    const deep = directory('deep', both, { mode: 0o777 })
    const fresh = directory('fresh', deep, { mode: 0o555, mtimeNs: 7_000n })
    const { result } = await extract(destination, [
      both,
      deep,
      fresh,
      file('theirs', 'theirs', both),
      file('f', 'x', fresh),
      symlink('l', 'mine', both, { mtimeNs: 9_000n }),
    ])
    expect(result).toMatchObject({ files: 2, directories: 3, symlinks: 1, problems: 0 })
    expect(contents(destination)).toEqual({
      both: '/',
      'both/mine': 'mine',
      'both/theirs': 'theirs',
      'both/l': '-> mine',
      'both/deep': '/',
      'both/deep/fresh': '/',
      'both/deep/fresh/f': 'x',
    })
    expect(statSync(join(destination, 'both')).mode & 0o777, 'an archive must not open up a folder').toBe(0o751)
    expect(statSync(join(destination, 'both/deep/fresh')).mode & 0o777).toBe(0o555)
    expect(lstatSync(join(destination, 'both/deep/fresh'), { bigint: true }).mtimeNs).toBe(7_000n)
    expect(lstatSync(join(destination, 'both/l'), { bigint: true }).mtimeNs).toBe(9_000n)
  })

  it('may be reached over a link that the user named', async () => {
    const parent = temporaryFolder()
    mkdirSync(join(parent, 'real'))
    await extract(parent, [symlink('door', 'real')])
    await extract(join(parent, 'door'), [file('a', 'x')])
    expect(contents(parent)).toEqual({ door: '-> real', real: '/', 'real/a': 'x' })
  })

  it('that is a file is refused and stays as it is', async () => {
    const parent = temporaryFolder()
    writeFileSync(join(parent, 'file'), 'mine')
    for (const destination of ['file', 'file/below/it']) {
      await expect(Outlet.open(join(parent, destination), options)).rejects.toMatchObject({ code: 'Collision' })
    }
    expect(contents(parent)).toEqual({ file: 'mine' })
  })
})

describe.runIf(process.getuid?.() === 0)('a user without special rights', () => {
  /** Runs `work` as "nobody", with a destination of that user. */
  async function asNobody(work: (destination: string) => Promise<void>): Promise<string> {
    const destination = temporaryFolder()
    chmodSync(destination, 0o777)
    process.setegid?.(65534)
    process.seteuid?.(65534)
    try {
      await work(destination)
    } finally {
      process.seteuid?.(0)
      process.setegid?.(0)
    }
    return destination
  }

  it('gets folders that are closed even to their owner, with all that is in them', async () => {
    const written = await asNobody(async (destination) => {
      const top = directory('top', undefined, { mode: 0o555, mtimeNs: 3_000n })
      const closed = directory('closed', top, { mode: 0, mtimeNs: 2_000n })
      const { problems } = await extract(destination, [
        top,
        closed,
        file('f', 'x', closed, { mode: 0 }),
        file('g', 'y', top),
        directory('alone', undefined, { mode: 0o111 }),
      ])
      expect(problems).toEqual([])
    })
    expect(snapshot(written)).toEqual({
      '/top': 'directory 555 3000',
      '/top/g': expect.stringMatching(/^file 644 .* y$/) as string,
      '/top/closed': 'directory 0 2000',
      '/top/closed/f': expect.stringMatching(/^file 0 .* x$/) as string,
      '/alone': expect.stringMatching(/^directory 111 /) as string,
    })
  })

  it('sees one problem for a folder that cannot be written into, and everything else', async () => {
    await asNobody(async (destination) => {
      mkdirSync(join(destination, 'locked'))
      chmodSync(join(destination, 'locked'), 0o555)
      const locked = directory('locked')
      const { codes, result } = await extract(destination, [
        locked,
        file('f', 'x', locked),
        file('free', 'y'),
        directory('d', locked),
      ])
      expect(codes).toEqual(['locked/d: Io', 'locked/f: Io'])
      expect(contents(destination)).toEqual({ locked: '/', free: 'y' })
      expect(result).toMatchObject({ files: 1, directories: 1, problems: 2 })
    })
  })

  it('is told when the destination is closed while the archive is being decoded', async () => {
    const written = await asNobody(async (destination) => {
      const inside = join(destination, 'inside')
      mkdirSync(inside)
      const problems: string[] = []
      const outlet = await Outlet.open(inside, {
        overwrite: 'skip',
        onProblem: ({ path, error }) => problems.push(`${path}: ${error.code}`),
      })
      const top = directory('top')
      const closed = directory('closed', top, { mode: 0 })
      await placeAll(outlet, [top, closed, file('f', 'x', closed), file('g', 'x')], [])
      chmodSync(inside, 0o555)
      expect(await outlet.commit()).toMatchObject({ files: 0, directories: 0, problems: 3 })
      expect(problems.sort()).toEqual(['.: Io', 'g: Io', 'top: Io'])
    })
    const left = Object.keys(contents(join(written, 'inside')))
    expect(left, 'no more than the empty temporary folder, which could not be removed').toHaveLength(1)
  })

  it('is told in one sentence that the destination cannot be written to', async () => {
    await asNobody(async (destination) => {
      mkdirSync(join(destination, 'closed'), 0o555)
      await expect(Outlet.open(join(destination, 'closed'), options)).rejects.toMatchObject({
        code: 'Io',
        message: expect.stringContaining('permission denied') as string,
      })
      await expect(Outlet.open(join(destination, 'closed', 'new'), options)).rejects.toMatchObject({ code: 'Io' })
      expect(existsSync(join(destination, 'closed', 'new'))).toBe(false)
    })
  })
})

describe('the time of a folder', () => {
  it('is set after everything in it has its place', async () => {
    const destination = temporaryFolder()
    const folder = directory('d', undefined, { mtimeNs: 1_000n })
    const inner = directory('inner', folder, { mtimeNs: 2_000n })
    const target = file('f', 'x', folder)
    // Links come last, and each changes the time of its folder.
    await extract(destination, [
      folder,
      inner,
      target,
      symlink('l', '../f', inner),
      hardLink('h', target.id, inner),
      symlink('m', 'f', folder),
    ])
    expect(lstatSync(join(destination, 'd'), { bigint: true }).mtimeNs).toBe(1_000n)
    expect(lstatSync(join(destination, 'd/inner'), { bigint: true }).mtimeNs).toBe(2_000n)
  })

  it('of a folder that was there is left to the system', async () => {
    const destination = temporaryFolder()
    mkdirSync(join(destination, 'd'))
    utimesSync(join(destination, 'd'), 5, 5)
    await extract(destination, [directory('d', undefined, { mtimeNs: 1_000n })])
    expect(statSync(join(destination, 'd')).mtimeMs).toBe(5_000)
  })
})
