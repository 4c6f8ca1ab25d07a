import { availableParallelism } from 'node:os'
import type { KeySlot } from '../format/key-slots'
import type { StretchInput } from './tasks'
import { WorkerPool } from './worker-pool'

/** Makes a key of a password in a thread of its own: it takes a while, and whoever asks can answer others meanwhile. */
export async function stretchOne(input: StretchInput): Promise<Uint8Array> {
  const pool = new WorkerPool(1)
  try {
    return await pool.run('stretch', input)
  } finally {
    await pool.close()
  }
}

/**
 * Tries a password on slots, several at a time.
 * @param open what a key opens of a slot; undefined if nothing
 * @returns what the first key opened; undefined if none did
 */
export async function stretchAll<Opened>(
  password: string,
  slots: readonly KeySlot[],
  allowCostly: boolean,
  open: (key: Uint8Array, slot: KeySlot) => Opened | undefined,
): Promise<Opened | undefined> {
  const pool = new WorkerPool(Math.max(1, Math.min(slots.length, availableParallelism())))
  try {
    const attempts = slots.map(async (slot) => {
      const { salt, cost } = slot
      const key = await pool.run('stretch', { password, salt, cost, allowCostly })
      return open(key, slot)
    })
    const opened = attempts.map(async (attempt) => (await attempt) ?? Promise.reject(new WrongPassword()))
    return await Promise.any(opened).catch(async () => {
      for (const attempt of attempts) await attempt
      return undefined
    })
  } finally {
    await pool.close()
  }
}

/** One slot is not opened; another may be. */
class WrongPassword extends Error {}
