import { describe, expect, it } from 'vitest'
import { encodeFooter, footerLength } from '../../src-main/format/footer'
import { craftArchive, idOfB } from '../support/crafted-archive'
import { examine } from '../support/examine'
import { temporaryFolder } from '../support/temporary'

const good = { 'good.txt': Buffer.from('good') }
/** Where the bytes of the first file of a crafted archive begin: behind its header and the frame header of its block. */
const firstByte = 64 + 64

/** A file that holds a commit of another archive, made for the very place where it will lie. */
function fileWithFooter(major: number): Buffer {
  const index = { position: 64, length: 64, hash: new Uint8Array(16) }
  const previous = { position: 0, hash: new Uint8Array(16) }
  const version = { sequence: 7, major, minor: 0, features: 0, archiveId: idOfB }
  return Buffer.from(encodeFooter({ ...version, index, previous, position: firstByte, timeMs: 0, keySlots: 0 }))
}

describe('a file that holds what looks like the end of an archive, in an archive that has lost its own', () => {
  it.each([
    ['of this version', 1],
    ['of a version to come', 2],
  ])('%s keeps no file from being read: whoever sends a file could make a backup unreadable', async (_which, major) => {
    const evil = fileWithFooter(major)
    const { bytes } = craftArchive({ blocks: [{ files: { 'evil.bin': evil, ...good } }] })
    const allowed = { 'evil.bin': [evil], 'good.txt': [good['good.txt']] }
    const whole = await examine(temporaryFolder(), bytes, allowed)
    expect(whole.read).toEqual(['evil.bin', 'good.txt'])
    // Its last footer is cut off in the middle.
    const cut = await examine(temporaryFolder(), bytes.subarray(0, -footerLength / 2), allowed)
    expect(cut.read).toEqual(['evil.bin', 'good.txt'])
    expect(cut.salvaged).toEqual(['evil.bin', 'good.txt'])
  })
})
