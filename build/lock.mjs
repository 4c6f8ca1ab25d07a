/** Lets one set-up at a time work in this folder. Built-ins only, and nothing newer than Node 18. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root, say } from './place.mjs'

const lock = join(root, 'out', '.setup-lock')
const longestWaitMs = 10 * 60_000

/** Runs `work` while no other process does; a lock whose owner is gone is taken over. */
export async function alone(work) {
  mkdirSync(join(root, 'out'), { recursive: true })
  const giveUpAt = Date.now() + longestWaitMs
  let told = false
  while (!take()) {
    const owner = ownerOfLock()
    if (owner !== undefined && !isRunning(owner)) {
      removeLockOf(owner)
      continue
    }
    if (!told) say(`another set-up is at work here (process ${owner ?? 'unknown'}); waiting for it`)
    told = true
    if (Date.now() > giveUpAt) throw new Error(`The other set-up does not end. If there is none, delete ${lock}`)
    await sleep(200)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function take() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function ownerOfLock() {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function isRunning(processId) {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Moves the lock aside before it is deleted, so that of several who wait only one takes it over. */
function removeLockOf(owner) {
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
    if (Number(readFileSync(aside, 'utf8')) === owner) rmSync(aside)
    else renameSync(aside, lock) // Someone was faster, and this is already the new lock.
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
