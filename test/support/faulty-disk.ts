import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Calls of `node:fs` by which files are taken out of an archive. */
const watched = [
  'chmodSync',
  'closeSync',
  'copyFileSync',
  'fchmodSync',
  'fstatSync',
  'futimesSync',
  'linkSync',
  'lstatSync',
  'lutimesSync',
  'mkdirSync',
  'openSync',
  'opendirSync',
  'readlinkSync',
  'renameSync',
  'rmdirSync',
  'statSync',
  'statfsSync',
  'symlinkSync',
  'unlinkSync',
  'utimesSync',
  'writeSync',
] as const

type Call = (...parameters: unknown[]) => unknown
const calls = fs as unknown as Record<(typeof watched)[number], Call>

export interface Fault {
  /** Number of the call that fails, from 0, of all watched ones. */
  readonly at: number
  readonly code: string
}

/**
 * Lets calls of this thread to the disk go wrong while `work` runs. A failing call does nothing, but for closing, which frees the
 * descriptor as the kernel does.
 * @returns the name of the call that failed; undefined where there were not so many
 */
export async function withFault(fault: Fault, work: () => Promise<void>): Promise<string | undefined> {
  let count = 0
  let failed: string | undefined
  await withCalls((name, original) => {
    return (...parameters) => {
      if (count++ !== fault.at) return original(...parameters)
      failed = name
      if (name === 'closeSync') original(...parameters)
      throw Object.assign(new Error(`${fault.code}: injected into ${name}`), { code: fault.code })
    }
  }, work)
  return failed
}

/** Lets each write take only some of its bytes while `work` runs. @param most bytes of one call; 0 for a disk that takes none and says nothing */
export function withShortWrites(most: number, work: () => Promise<void>): Promise<void> {
  return withCalls((name, original) => {
    if (name !== 'writeSync') return original
    return (descriptor, data, offset, length, position) =>
      most === 0 ? 0 : original(descriptor, data, offset, Math.min(Number(length), most), position)
  }, work)
}

async function withCalls(wrap: (name: string, original: Call) => Call, work: () => Promise<void>): Promise<void> {
  const originals = watched.map((name) => [name, calls[name]] as const)
  for (const [name, original] of originals) calls[name] = wrap(name, original)
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    for (const [name, original] of originals) calls[name] = original
    syncBuiltinESMExports()
  }
}
