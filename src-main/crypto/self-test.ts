import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { LmzError } from '../contract/error'
import { type Argon2id, nativeArgon2id, portableArgon2id } from './argon2id'
import { Xaes } from './xaes'

/*
 * Not every build of Node or Electron brings the same ciphers. Before anything is encrypted, or decrypted, each primitive must
 * give what its standard says. What fails turns encryption off; nothing weaker ever takes its place.
 */

interface Primitives {
  readonly hkdf: typeof hkdfSync
  readonly hmac: typeof createHmac
  readonly makeXaes: (key: Uint8Array) => Pick<Xaes, 'seal' | 'open'>
  readonly random: (length: number) => Uint8Array
}

const builtIn: Primitives = {
  hkdf: hkdfSync,
  hmac: createHmac,
  makeXaes: (key) => new Xaes(key),
  random: randomBytes,
}

let isSound = false
let sound: Promise<Argon2id> | undefined

/** Tests ciphers and key derivation once for each thread, in a fraction of a millisecond. @throws LmzError `Unsupported` */
export function requireCiphers(): void {
  if (isSound) return
  testCiphers(builtIn)
  isSound = true
}

/**
 * An argon2id that gives what RFC 9106 says: tested once for each thread, in some milliseconds. The program's own comes first.
 * @throws LmzError `Unsupported`
 */
export function soundArgon2id(): Promise<Argon2id> {
  requireCiphers()
  sound ??= firstSound([nativeArgon2id, portableArgon2id])
  return sound
}

/** @throws LmzError `Unsupported` if none is right */
export async function firstSound(candidates: readonly (Argon2id | undefined)[]): Promise<Argon2id> {
  for (const candidate of candidates) {
    if (candidate !== undefined && (await isSoundArgon2id(candidate))) return candidate
  }
  throw isMissing('argon2id')
}

/** @throws LmzError `Unsupported` naming the first primitive that is missing or wrong */
export function testCiphers({ hkdf, hmac, makeXaes, random }: Primitives): void {
  // C2SP XAES-256-GCM, "Test vectors": with and without the reduction in CMAC's subkey.
  const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX')
  const plaintext = Buffer.from('XAES-256-GCM')
  for (const [byte, associated, sealed] of [
    [1, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [3, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
  ] as const) {
    expect('XAES-256-GCM', sealed, () => {
      const cipher = makeXaes(Buffer.alloc(32, byte))
      const result = cipher.seal(nonce, Buffer.from(associated), plaintext)
      const opened = cipher.open(nonce, Buffer.from(associated), result)
      const forged = Buffer.from(result)
      forged[0] = (forged[0] ?? 0) ^ 1
      if (opened === undefined || !plaintext.equals(opened)) return undefined
      return cipher.open(nonce, Buffer.from(associated), forged) === undefined ? result : undefined
    })
  }
  // RFC 5869, appendix A.1.
  expect('HKDF', '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865', () =>
    Buffer.from(
      hkdf(
        'sha256',
        Buffer.alloc(22, 0x0b),
        Buffer.from('000102030405060708090a0b0c', 'hex'),
        Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'),
        42,
      ),
    ),
  )
  // RFC 4231, test case 2.
  expect('HMAC', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', () =>
    hmac('sha256', 'Jefe').update('what do ya want for nothing?').digest(),
  )
  const [first, second] = [random(32), random(32)]
  if (first.length !== 32 || Buffer.compare(first, second) === 0) throw isMissing('random numbers')
}

async function isSoundArgon2id(argon2id: Argon2id): Promise<boolean> {
  // RFC 9106, section 5.3, but without the associated data, which hash-wasm does not take: three implementations agree.
  const cost = { memoryKib: 32, passes: 3, lanes: 4 }
  const input = { password: Buffer.alloc(32, 1), salt: Buffer.alloc(16, 2), secret: Buffer.alloc(8, 3), cost }
  const tag = await argon2id(input).catch(() => undefined)
  return tag !== undefined && Buffer.from(tag).toString('hex') === argon2idVector
}

const argon2idVector = '0034de3c8a75efc1148100eaf5ba9b1ce6d50ba5cdf6ae4018c54a4fc03ac10d'

function expect(name: string, hex: string, compute: () => Uint8Array | undefined): void {
  let result: Uint8Array | undefined
  try {
    result = compute()
  } catch (cause) {
    throw isMissing(name, cause)
  }
  if (result === undefined || Buffer.from(result).toString('hex') !== hex) throw isMissing(name)
}

function isMissing(primitive: string, cause?: unknown): LmzError {
  const message = `Encryption is not possible here: ${primitive} is missing in this program, or not as its standard says.`
  return new LmzError('Unsupported', message, { cause })
}
