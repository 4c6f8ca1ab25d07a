import { closeSync, openSync, readSync, writeFileSync } from 'node:fs'
import { systemCode } from '../file-error'
import type { MarkStore } from './mark-store'

/*
 * Mark of the Web: the NTFS stream Zone.Identifier, an INI text with a line "ZoneId=3"
 * (MS-FSCC 5.6.1; https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc/6e3f7352-d11c-4d76-8c39-2516a9df36e8).
 */

const stream = ':Zone.Identifier'
/** More is no mark that a browser has written, and its beginning says enough. */
const longestMark = 64 * 1024
/** The Internet. */
const internetZone = '3'

/**
 * What a file from an archive is given: the zone of the archive's mark alone, without the addresses in it, which tell others where the
 * user was. A mark that cannot be read stands for the Internet: whoever garbled it gains nothing.
 * @param mark the stream's text
 */
export function zoneMark(mark: string): string {
  const [, zone = internetZone] = /^[ \t]*ZoneId[ \t]*=[ \t]*([0-4])[ \t]*\r?$/im.exec(mark) ?? []
  return `[ZoneTransfer]\r\nZoneId=${zone}\r\n`
}

export const zoneStore: MarkStore = {
  marksAll: false,
  read(path) {
    let file: number
    try {
      file = openSync(path + stream, 'r')
    } catch (error) {
      // ENOENT: no mark. File systems without streams take it for a name, and for a wrong one.
      if (['ENOENT', 'EINVAL', 'ENOTSUP', 'UNKNOWN'].includes(systemCode(error))) return undefined
      throw error
    }
    try {
      const bytes = Buffer.alloc(longestMark)
      return zoneMark(bytes.toString('latin1', 0, readSync(file, bytes, 0, longestMark, 0)))
    } finally {
      closeSync(file)
    }
  },
  write(paths, mark) {
    for (const path of paths) writeFileSync(path.toString() + stream, mark)
  },
}
