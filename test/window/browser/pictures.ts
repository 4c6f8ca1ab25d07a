import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll } from 'vitest'
import type { ServedWindow } from './served-window'

export const sizes = [
  { width: 800, height: 600 },
  { width: 1280, height: 800 },
] as const

const folder = resolve(import.meta.dirname, '../../../out/screenshots')

/** Takes a picture of the window as it stands. */
export type Shoot = (name: string) => Promise<unknown>

/** For a set of pictures: clears its folder, and says how to take those of a window. */
export function picturesOf(set: string): (window: ServedWindow, prefix: string) => Shoot {
  beforeAll(() => rmSync(join(folder, set), { recursive: true, force: true }))
  return (window, prefix) => (name) => window.page.screenshot({ path: join(folder, set, `${prefix} ${name}.png`) })
}
