/** Where Electron is, if it is: its package fetches the program from the internet at the first use, which lmz never asks it to. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './place.mjs'

const desktop = join(root, 'out', 'main', 'desktop.js')

/** The program and the entry to start it with; undefined where one of the two is not there. */
export function desktopApp() {
  const folder = join(root, 'node_modules', 'electron')
  const note = join(folder, 'path.txt')
  if (!existsSync(note) || !existsSync(desktop)) return undefined
  const program = join(
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'),
    readFileSync(note, 'utf8').trim(),
  )
  return existsSync(program) ? { program, entry: desktop } : undefined
}
