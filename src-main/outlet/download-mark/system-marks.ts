import type { MarkStore } from './mark-store'
import { quarantineStore } from './quarantine'
import { zoneStore } from './zone-identifier'

/** The store of this system; undefined for one that has no such marks, such as Linux. */
export function systemMarks(platform: NodeJS.Platform = process.platform): MarkStore | undefined {
  if (platform === 'win32') return zoneStore
  return platform === 'darwin' ? quarantineStore : undefined
}

/** Gives a file the mark of another, if that has one; for an archive that takes the place of an earlier one. */
export function carryMark(from: string, to: string, marks: MarkStore | undefined = systemMarks()): void {
  const mark = marks?.read(from)
  if (mark !== undefined) marks?.write([to], mark)
}
