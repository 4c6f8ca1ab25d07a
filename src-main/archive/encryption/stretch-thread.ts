import { availableParallelism } from 'node:os'
import { nativeArgon2id } from '../../crypto/argon2id'
import { soundArgon2id } from '../../crypto/self-test'
import { fitTogether, stretchPassword } from '../../crypto/stretch'
import type { KeySlot } from '../../format/key-slots'
import type { StretchInput } from '../workers/tasks'
import { WorkerPool } from '../workers/worker-pool'

/** Makes a key of a password in another thread: it takes a while, and whoever asks can answer others meanwhile. */
export async function stretchOne(input: StretchInput): Promise<Uint8Array> {
  return withThreads(1, (stretch) => stretch(input))
}

/**
 * Tries a password on slots, several at a time unless that takes too much memory.
 * @param open what a key opens of a slot; undefined if nothing
 * @returns what the first key opened; undefined if none did
 */
export async function stretchAll<Opened>(
  password: string,
  slots: readonly KeySlot[],
  allowCostly: boolean,
  open: (key: Uint8Array, slot: KeySlot) => Opened | undefined,
): Promise<Opened | undefined> {
  const areTogether = fitTogether(slots.map(({ cost }) => cost))
  return withThreads(areTogether ? slots.length : 1, async (stretch) => {
    const attempt = async (slot: KeySlot): Promise<Opened | undefined> => {
      const { salt, cost } = slot
      return open(await stretch({ password, salt, cost, allowCostly }), slot)
    }
    if (!areTogether) {
      for (const slot of slots) {
        const opened = await attempt(slot)
        if (opened !== undefined) return opened
      }
      return undefined
    }
    const attempts = slots.map(attempt)
    const opened = attempts.map(async (attempt) => (await attempt) ?? Promise.reject(new WrongPassword()))
    return await Promise.any(opened).catch(async () => {
      for (const attempt of attempts) await attempt
      return undefined
    })
  })
}

/** Node makes keys in threads that it has anyway; WebAssembly holds up the thread it runs in, which must be none that is needed. */
async function withThreads<Result>(
  wanted: number,
  work: (stretch: (input: StretchInput) => Promise<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  if ((await soundArgon2id()) === nativeArgon2id) {
    return work(({ password, salt, cost, allowCostly }) => stretchPassword(password, salt, cost, allowCostly))
  }
  const pool = new WorkerPool(Math.max(1, Math.min(wanted, availableParallelism())))
  try {
    return await work((input) => pool.run('stretch', input))
  } finally {
    await pool.close()
  }
}

/** One slot is not opened; another may be. */
class WrongPassword extends Error {}
