import { spawnSync } from 'node:child_process'
import type { MarkStore } from './mark-store'

/*
 * macOS keeps the mark in the extended attribute com.apple.quarantine: flags, time, the program that fetched the file, and an id of that
 * event. Node knows no attributes; the system's own program sets them for hundreds of files at a time.
 */

const program = '/usr/bin/xattr'
const attribute = 'com.apple.quarantine'
/** Bytes of arguments of one call; the system takes eight times as much. */
const mostArguments = 128 * 1024

/** Runs xattr. @throws with what it said where it fails */
type Run = (parameters: readonly string[]) => {
  readonly status: number | null
  readonly output: string
  readonly said: string
}

function runProgram(parameters: readonly string[]): ReturnType<Run> {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' })
  if (error !== undefined) throw error
  return { status, output: stdout, said: stderr }
}

/** @param run xattr; another program in tests */
export function quarantine(run: Run = runProgram): MarkStore {
  return {
    marksAll: true,
    read(path) {
      const { status, output, said } = run(['-p', attribute, path])
      if (status === 0) return output.trimEnd()
      if (/no such xattr/i.test(said)) return undefined
      throw new Error(`xattr: ${said.trim()}`)
    },
    write(paths, mark) {
      // Of a link, the link itself.
      for (const batch of batchesOf(paths.map(String))) {
        const { status, said } = run(['-s', '-w', attribute, mark, ...batch])
        if (status !== 0) throw new Error(`xattr: ${said.trim()}`)
      }
    },
  }
}

export const quarantineStore = quarantine()

function* batchesOf(paths: readonly string[]): Generator<readonly string[]> {
  let batch: string[] = []
  let length = 0
  for (const path of paths) {
    if (length + path.length * 3 > mostArguments && batch.length > 0) {
      yield batch
      batch = []
      length = 0
    }
    batch.push(path)
    length += path.length * 3
  }
  if (batch.length > 0) yield batch
}
