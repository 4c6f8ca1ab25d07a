import * as crypto from 'node:crypto'
import { keyLength } from './xaes'

/** What one guess at a password costs: argon2id version 1.3 (RFC 9106). */
export interface StretchCost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

export interface Argon2idInput {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  /** RFC 9106's secret value K; none but in tests. */
  readonly secret?: Uint8Array | undefined
  readonly cost: StretchCost
}

/** argon2id, 32 bytes. */
export type Argon2id = (input: Argon2idInput) => Promise<Uint8Array>

/** Node's own, in a thread of its pool; undefined where the program's library of ciphers has none, as in Electron. */
export const nativeArgon2id: Argon2id | undefined =
  typeof (crypto as { readonly argon2?: unknown }).argon2 === 'function'
    ? ({ password, salt, secret, cost }) =>
        new Promise((resolve, reject) => {
          const { memoryKib: memory, passes, lanes: parallelism } = cost
          const common = { message: password, nonce: salt, memory, passes, parallelism, tagLength: keyLength }
          const parameters = secret === undefined ? common : { ...common, secret }
          crypto.argon2('argon2id', parameters, (error, key) => {
            if (error === null) resolve(key)
            else reject(error)
          })
        })
    : undefined

/** In WebAssembly, in this very thread, and half as fast. Loaded when it is first needed. */
export async function portableArgon2id({ password, salt, secret, cost }: Argon2idInput): Promise<Uint8Array> {
  const { argon2id } = await import('hash-wasm')
  return argon2id({
    password,
    salt,
    ...(secret === undefined ? {} : { secret }),
    memorySize: cost.memoryKib,
    iterations: cost.passes,
    parallelism: cost.lanes,
    hashLength: keyLength,
    outputType: 'binary',
  })
}
