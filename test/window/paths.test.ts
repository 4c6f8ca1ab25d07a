import { describe, expect, test } from 'vitest'
import type { DiskItem } from '../../src-main/contract/shell-api'
import { blockSizes, blockSizeStep } from '../../src-renderer/new-archive/block-sizes'
import { completed, isOffered, splitTyped } from '../../src-renderer/picker/typed-path'
import { baseName, folderOf, joinPath, suggestedArchive, withoutExtension } from '../../src-renderer/state/paths'

describe('paths', () => {
  test.each([
    ['/home/me/Project', '/', 'Project', '/home/me'],
    ['/home/me/Project/', '/', 'Project', '/home/me'],
    ['/a', '/', 'a', '/'],
    ['/', '/', '', '/'],
    // "\" is a letter like any other where it separates nothing.
    ['/home/a\\b', '/', 'a\\b', '/home'],
    ['C:\\Users\\me', '\\', 'me', 'C:\\Users'],
    ['C:\\a', '\\', 'a', 'C:\\'],
    ['C:/Users/me', '\\', 'me', 'C:/Users'],
  ] as const)('%s', (path, separator, name, folder) => {
    expect(baseName(path, separator)).toBe(name)
    expect(folderOf(path, separator)).toBe(folder)
  })

  test('are joined with one separator', () => {
    expect(joinPath('/', 'a', '/')).toBe('/a')
    expect(joinPath('/home', 'a', '/')).toBe('/home/a')
    expect(joinPath('C:\\', 'a', '\\')).toBe('C:\\a')
  })

  test('a name that begins with its only dot is no extension', () => {
    expect(withoutExtension('.bashrc')).toBe('.bashrc')
    expect(withoutExtension('a.tar.gz')).toBe('a.tar')
  })
})

test('an archive is suggested beside what goes in, named after it', () => {
  expect(suggestedArchive(['/home/me/Project'], '/')).toEqual({ folder: '/home/me', name: 'Project.lmz' })
  expect(suggestedArchive(['/home/me/report.pdf'], '/')).toEqual({ folder: '/home/me', name: 'report.lmz' })
  // Several are named after the folder that they lie in.
  expect(suggestedArchive(['/home/me/a.txt', '/home/me/b.txt'], '/')).toEqual({ folder: '/home/me', name: 'me.lmz' })
  expect(suggestedArchive(['/a', '/b'], '/')).toEqual({ folder: '/', name: 'Archive.lmz' })
})

describe('a typed path', () => {
  const items: readonly DiskItem[] = ['Documents', 'Downloads', 'Dossier.lmz'].map((name) => ({
    name,
    path: `/home/me/${name}`,
    isDirectory: !name.endsWith('.lmz'),
  }))

  test('is a folder and the beginning of a name', () => {
    expect(splitTyped('/home/me/Do', '/')).toEqual({ folder: '/home/me/', prefix: 'Do' })
    expect(splitTyped('C:\\Users\\', '\\')).toEqual({ folder: 'C:\\Users\\', prefix: '' })
    expect(splitTyped('abc', '/')).toEqual({ folder: '', prefix: 'abc' })
  })

  test('is completed as far as there is no choice, with the case that the names have', () => {
    expect(completed('d', items, '/')).toBe('Do')
    expect(completed('do', items, '/')).toBe('do')
    expect(completed('doc', items, '/')).toBe('Documents/')
    expect(completed('DOS', items, '/')).toBe('Dossier.lmz')
    expect(completed('x', items, '/')).toBe('x')
  })

  test('leads only to what can be chosen or walked through', () => {
    const file = { name: 'a.txt', path: '/a.txt', isDirectory: false }
    const hidden = { name: '.git', path: '/.git', isDirectory: true }
    expect(isOffered(file, 'sources', false)).toBe(true)
    expect(isOffered(file, 'archive', false)).toBe(false)
    expect(isOffered(file, 'folder', false)).toBe(false)
    expect(isOffered(hidden, 'folder', false)).toBe(false)
    expect(isOffered(hidden, 'folder', true)).toBe(true)
  })
})

test('the slider has a step for each power of two, from the smallest archive to the fastest files', () => {
  expect(blockSizes[0]).toBe(16 * 1024 * 1024)
  expect(blockSizes.at(-1)).toBe(64 * 1024)
  expect(blockSizes.map(blockSizeStep)).toEqual(blockSizes.map((_, step) => step))
  expect(blockSizeStep(100_000)).toBe(7)
})
