import { describe, expect, it } from 'vitest'
import type { PlacedDirectory } from '../../../src-main/outlet/directory-tree'
import { dangerOfTarget, isTargetTooLong, type LinkSurroundings } from '../../../src-main/outlet/link-target'

function place(id: number, parent?: PlacedDirectory): PlacedDirectory {
  return { id, parent } as PlacedDirectory
}

// The archive: a/b/ as directories, and a/link as a symlink.
const root = place(0)
const a = place(1, root)
const b = place(2, a)
const surroundings: LinkSurroundings = {
  directory: (parent, name) => (parent === root && name === 'a' ? a : parent === a && name === 'b' ? b : undefined),
  isSymlink: (parent, name) => parent === a && name === 'link',
}

describe('a link in a/b', () => {
  it.each(['x', './x', 'x/y', '..', '../..', '../../a/b', '../x', '../../a/./b/../x', '../link', 'a\\b', '..x', 'x..'])(
    'may point to %j',
    (target) => {
      expect(dangerOfTarget(target, b, surroundings, 'linux')).toBeUndefined()
    },
  )

  it.each([
    ['/', '/etc/passwd', '/proc/self/root', '\\', '\\\\srv\\share', '\\??\\C:\\', 'C:\\', 'c:x'],
    ['../../..', '../../../x', '../../a/../../x', './../.././../x'],
    ['x/..', 'x/../y', '../x/../..', 'file/../../..'],
    ['../link/x', '../link/../../..', '../link/.'],
    ['..\\..\\..\\x', '..\\x', 'a\\..\\b', 'a\\.. \\b', '...', '.. /x', 'x/ /y'],
  ])('is refused if it leads out, or could: %j', (...targets) => {
    const accepted = targets.filter((target) => dangerOfTarget(target, b, surroundings, 'linux') === undefined)
    // "../link/." names the link itself once more, and nothing beyond it.
    expect(accepted).toEqual(targets.includes('../link/.') ? ['../link/.'] : [])
  })

  it('is read with backslashes as separators on Windows', () => {
    expect(dangerOfTarget('..\\..\\a\\b', b, surroundings, 'win32')).toBeUndefined()
    expect(dangerOfTarget('..\\..\\..\\x', b, surroundings, 'win32')).toBeDefined()
    expect(dangerOfTarget('..\\link\\x', b, surroundings, 'win32')).toBeDefined()
  })
})

it('a target of thousands of dots is judged as quickly as any other', () => {
  const target = `\\${'.'.repeat(4000)}x`
  for (let round = 0; round < 1000; round += 1) {
    expect(dangerOfTarget(`a${target}`, b, surroundings, 'linux')).toBeUndefined()
  }
})

it('a target is measured without looking at all of a huge one', () => {
  expect(isTargetTooLong('a'.repeat(4096))).toBe(false)
  expect(isTargetTooLong('a'.repeat(4097))).toBe(true)
  expect(isTargetTooLong('é'.repeat(2049))).toBe(true)
  expect(isTargetTooLong('a'.repeat(2 ** 28))).toBe(true)
})
