import { lstatSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Two names with the same key may be one file on a file system that ignores case or Unicode normalisation.
 *
 * Lower case first, then upper case, joins all of ß, ẞ and ss, and K with the Kelvin sign, which either alone does not.
 * Windows also drops trailing dots and spaces. The key joins a few names that some file systems keep apart: one of them is
 * then reported and not written, which loses nothing silently.
 */
export function foldKey(name: string, platform: NodeJS.Platform): string {
  const seen = platform === 'win32' ? name.replace(/[. ]+$/, '') : name
  return seen.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC')
}

/** Tries out whether names that differ in case or in Unicode normalisation meet in this folder, which must be ours. */
export function doesFolderFoldNames(folder: string): boolean {
  return areSameFile(folder, 'probe', 'PROBE') || areSameFile(folder, 'prob\u00e9', 'probe\u0301')
}

function areSameFile(folder: string, one: string, other: string): boolean {
  const path = join(folder, one)
  writeFileSync(path, '', { flag: 'wx' })
  try {
    return lstatSync(join(folder, other), { throwIfNoEntry: false }) !== undefined
  } finally {
    unlinkSync(path)
  }
}
