import { afterEach, describe, expect, test, vi } from 'vitest'
import { droppedFiles } from '../../src-renderer/sources/dropped-files'
import { refusal, uploadAddress } from '../../src-renderer/sources/upload-sources'

/** What a browser without a screen lacks: FileList, which only tells the two kinds of input apart here. */
vi.stubGlobal('FileList', Array)
afterEach(() => vi.restoreAllMocks())

function file(name: string): FileSystemFileEntry {
  const entry = {
    isDirectory: false,
    isFile: true,
    name,
    file: (found: (file: File) => void) => found(new File([name], name)),
  }
  return entry as unknown as FileSystemFileEntry
}

/** Gives its children 100 at a time, as browsers do. */
function folder(name: string, children: readonly FileSystemEntry[]): FileSystemDirectoryEntry {
  const createReader = () => {
    let at = 0
    return {
      readEntries: (found: (some: readonly FileSystemEntry[]) => void) => {
        found(children.slice(at, at + 100))
        at += 100
      },
    }
  }
  return { isDirectory: true, isFile: false, name, createReader } as unknown as FileSystemDirectoryEntry
}

/** A drop whose list is emptied when its handler ends, as browsers do. */
function drop(entries: readonly (FileSystemEntry | string)[]): DataTransfer {
  const items = entries.map((entry) =>
    typeof entry === 'string'
      ? { kind: 'string', webkitGetAsEntry: () => null, getAsFile: (): null => null }
      : { kind: 'file', webkitGetAsEntry: () => entry, getAsFile: (): null => null },
  )
  queueMicrotask(() => items.splice(0))
  return { items } as unknown as DataTransfer
}

describe('what was dropped', () => {
  test('is read before the handler ends, with all folders in folders', async () => {
    const dropped = await droppedFiles(
      drop([folder('a', [file('1.txt'), folder('b', [file('2.txt')]), folder('none', [])]), file('3.txt')]),
    )
    expect(dropped.files.map(({ path }) => path)).toEqual(['a/1.txt', 'a/b/2.txt', '3.txt'])
    expect(dropped.emptyFolders).toEqual(['a/none'])
    expect(dropped.roots).toEqual(['a', '3.txt'])
  })

  test('may be a folder of more files than a reader gives at once', async () => {
    const many = Array.from({ length: 250 }, (_, index) => file(`${index}.txt`))
    expect((await droppedFiles(drop([folder('many', many)]))).files).toHaveLength(250)
  })

  test('may be an empty folder alone', async () => {
    expect(await droppedFiles(drop([folder('empty', [])]))).toEqual({
      files: [],
      emptyFolders: ['empty'],
      roots: ['empty'],
    })
  })

  test('that is no file, such as text, is passed over', async () => {
    expect((await droppedFiles(drop(['some text', file('1.txt')]))).roots).toEqual(['1.txt'])
  })
})

test('a name keeps its own "?", "#" and "%" on the way', () => {
  expect(uploadAddress('id', 'a b/c?d#e%f/ü')).toBe('/upload/id/a%20b/c%3Fd%23e%25f/%C3%BC')
})

describe('a refused upload', () => {
  test('says what the shell said', () => {
    const body = JSON.stringify({ code: 'NoSpace', message: 'There is not enough room for a.txt.', subject: 'a.txt' })
    expect(refusal(507, body, 'a.txt')).toMatchObject({
      code: 'NoSpace',
      message: 'There is not enough room for a.txt.',
    })
  })

  test.each(['', '<html>', '{"code":"Nonsense"}'])('by anything else says so: %s', (body) => {
    expect(refusal(502, body, 'a.txt')).toMatchObject({ code: 'Io', message: expect.stringContaining('502') })
  })
})
