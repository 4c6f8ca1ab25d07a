/**
 * Loaded into lmz before it starts: kills the process, as a power button would, right before the file operation with the
 * number LMZ_KILL_AT (from 0). Without that number, writes the names of all operations to the file LMZ_OPERATIONS in the end.
 */
import * as fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const killAt = Number(process.env.LMZ_KILL_AT ?? -1)
const report = process.env.LMZ_OPERATIONS
const names = []
const { writeFileSync } = fs

function watch(owner, name) {
  const original = owner[name]
  owner[name] = function (...parameters) {
    if (names.length === killAt) process.kill(process.pid, 'SIGKILL')
    names.push(name)
    return original.apply(this, parameters)
  }
}

if (isMainThread) {
  const handle = await fs.promises.open(import.meta.filename)
  const handles = Object.getPrototypeOf(handle)
  await handle.close()
  for (const name of ['write', 'sync', 'truncate', 'close']) watch(handles, name)
  for (const name of ['rename', 'link', 'unlink']) watch(fs.promises, name)
  watch(fs.default, 'rmSync')
  syncBuiltinESMExports()
  if (report !== undefined) process.on('exit', () => writeFileSync(report, names.join('\n')))
}
