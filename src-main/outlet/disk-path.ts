import { sep } from 'node:path'
import type { SafeComponent } from './safe-name'

/** A path to hand to `node:fs`: text, or bytes once a name in it is not valid UTF-8. */
export type DiskPath = string | Buffer

const separator = Buffer.from(sep)

/**
 * The one function that makes paths of things from archives. A path can only grow, by one checked component at a time,
 * so that what comes out lies strictly below `directory`.
 */
export function below(directory: DiskPath, component: SafeComponent): DiskPath {
  if (typeof directory === 'string' && typeof component === 'string') return `${directory}${sep}${component as string}`
  return Buffer.concat([Buffer.from(directory as string), separator, Buffer.from(component as string)])
}

/**
 * The longest path the system takes, in the unit of {@link componentLength}: PATH_MAX without its NUL on POSIX,
 * 32,767 units less room for the `\\?\` prefix on Windows.
 */
export function longestPath(platform: NodeJS.Platform): number {
  if (platform === 'win32') return 32_700
  return platform === 'darwin' ? 1023 : 4095
}

/** Bytes on POSIX, UTF-16 units on Windows. */
export function componentLength(component: string | Buffer, platform: NodeJS.Platform): number {
  if (platform === 'win32' && typeof component === 'string') return component.length
  return Buffer.byteLength(component)
}
