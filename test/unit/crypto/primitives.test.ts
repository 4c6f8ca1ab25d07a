import { cmac, gcm } from '@noble/ciphers/aes.js'
import { argon2id as nobleArgon2id } from '@noble/hashes/argon2.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { shake128 } from '@noble/hashes/sha3.js'
import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { authenticate, commitmentOf, deriveKeys, gearTableOf } from '../../../src-main/crypto/derived-keys'
import { type Argon2id, nativeArgon2id, portableArgon2id } from '../../../src-main/crypto/argon2id'
import { firstSound, soundArgon2id, testCiphers } from '../../../src-main/crypto/self-test'
import { checkCost, defaultCost, stretchPassword } from '../../../src-main/crypto/stretch'
import { Xaes } from '../../../src-main/crypto/xaes'
import { Random, seed } from '../../support/random'

/*
 * Encryption that is wrong still encrypts and decrypts: only published vectors and other implementations show that archives are what
 * docs/format.md says, and that somebody without lmz could open them.
 */

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** XAES-256-GCM from the parts of another library: CMAC in counter mode, then GCM. */
function sealElsewhere(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const half = (counter: number): Uint8Array =>
    cmac(Buffer.concat([Buffer.of(0, counter, 0x58, 0), nonce.subarray(0, 12)]), key)
  const derived = Uint8Array.from(Buffer.concat([half(1), half(2)]))
  return gcm(derived, Uint8Array.from(nonce.subarray(12)), associated).encrypt(plaintext)
}

/** C2SP XAES-256-GCM, "Accumulated randomized tests". */
function accumulated(iterations: number): string {
  const stream = shake128.create({})
  const digest = shake128.create({ dkLen: 32 })
  const read = (length: number): Uint8Array => (length === 0 ? new Uint8Array() : stream.xof(length))
  for (let n = 0; n < iterations; n++) {
    const cipher = new Xaes(read(32))
    const nonce = read(24)
    const plaintext = read(read(1)[0] ?? 0)
    const associated = read(read(1)[0] ?? 0)
    const sealed = cipher.seal(nonce, associated, plaintext)
    const opened = cipher.open(nonce, associated, sealed)
    if (opened === undefined || Buffer.compare(opened, plaintext) !== 0) throw new Error(`not opened: ${n}`)
    digest.update(sealed)
  }
  return hex(digest.digest())
}

describe('XAES-256-GCM', () => {
  it('gives what the specification publishes, for ten thousand random messages', () => {
    expect(accumulated(10_000)).toBe('e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939')
  })

  it.runIf(process.env['LMZ_LONG'] === '1')('and for a million', { timeout: 600_000 }, () => {
    expect(accumulated(1_000_000)).toBe('2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15')
  })

  it('agrees with another implementation', () => {
    const random = new Random(seed)
    for (let n = 0; n < 200; n++) {
      const [key, nonce] = [random.bytes(32), random.bytes(24)]
      const [associated, plaintext] = [random.bytes(random.below(100)), random.bytes(random.below(3000))]
      expect(hex(new Xaes(key).seal(nonce, associated, plaintext))).toBe(
        hex(sealElsewhere(key, nonce, associated, plaintext)),
      )
    }
  })

  it('opens nothing of which a single bit was changed: forged data would be extracted', () => {
    const random = new Random(seed)
    const [key, nonce, associated, plaintext] = [32, 24, 20, 40].map((length) => random.bytes(length)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ]
    const sealed = Buffer.from(new Xaes(key).seal(nonce, associated, plaintext))
    for (const part of [key, nonce, associated, sealed]) {
      for (let bit = 0; bit < part.length * 8; bit++) {
        part[bit >> 3]! ^= 1 << (bit & 7)
        expect(new Xaes(key).open(nonce, associated, sealed), `bit ${bit}`).toBeUndefined()
        part[bit >> 3]! ^= 1 << (bit & 7)
      }
    }
    for (const length of [0, 15, sealed.length - 1]) {
      expect(new Xaes(key).open(nonce, associated, sealed.subarray(0, length))).toBeUndefined()
    }
    expect(hex(new Xaes(key).open(nonce, associated, sealed) ?? new Uint8Array())).toBe(hex(plaintext))
  })
})

describe('keys from the master key', () => {
  it('agree with another implementation of HKDF and HMAC', () => {
    const random = new Random(seed)
    const [master, archiveId] = [random.bytes(32), random.bytes(16)]
    const keys = deriveKeys(master, archiveId)
    for (const [name, key] of Object.entries<Uint8Array>({ ...keys })) {
      expect(hex(key)).toBe(hex(hkdf(sha256, master, archiveId, Buffer.from(`lmz 1 ${name}`), 32)))
    }
    const commitment = hkdf(sha256, master, new Uint8Array(), Buffer.from('lmz 1 commitment'), 32)
    expect(hex(commitmentOf(master))).toBe(hex(commitment))
    const table = hkdf(sha256, keys.chunks, new Uint8Array(), Buffer.from('lmz 1 gear'), 2048)
    expect(hex(gearTableOf(keys.chunks))).toBe(hex(table))
    const [left, right] = [random.bytes(100), random.bytes(7)]
    expect(hex(authenticate(master, left, right))).toBe(hex(hmac(sha256, master, Buffer.concat([left, right]))))
  })

  it('are others for another archive: frames of one must not open in the other', () => {
    const master = Buffer.alloc(32, 7)
    const [one, other] = [deriveKeys(master, Buffer.alloc(16, 1)), deriveKeys(master, Buffer.alloc(16, 2))]
    const all = [...Object.values(one), ...Object.values(other)].map(hex)
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('argon2id', () => {
  it('agrees with another implementation, which gives what RFC 9106 publishes', { timeout: 30_000 }, async () => {
    const [password, salt] = [Buffer.alloc(32, 1), Buffer.alloc(16, 2)]
    const [key, personalization] = [Buffer.alloc(8, 3), Buffer.alloc(12, 4)]
    const rfc = nobleArgon2id(password, salt, { t: 3, m: 32, p: 4, key, personalization, dkLen: 32 })
    expect(hex(rfc)).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
    for (const [memoryKib, passes, lanes] of [
      [8, 1, 1],
      [64, 3, 1],
      [256, 2, 4],
      [1024, 1, 3],
    ] as const) {
      const typed = 'Grüße, 世界 🎈'
      const cost = { memoryKib, passes, lanes }
      const theirs = hex(nobleArgon2id(typed, salt, { t: passes, m: memoryKib, p: lanes, dkLen: 32 }))
      expect(hex(await stretchPassword(typed, salt, cost))).toBe(theirs)
      // Electron's library of ciphers has no argon2id: there, the other one opens the same archives.
      for (const argon2id of [portableArgon2id, ...(nativeArgon2id === undefined ? [] : [nativeArgon2id])]) {
        expect(hex(await argon2id({ password: Buffer.from(typed), salt, cost }))).toBe(theirs)
      }
    }
  })

  it('takes a password as typed on any system: composed or not, it is the same', async () => {
    const cost = { memoryKib: 8, passes: 1, lanes: 1 }
    const salt = Buffer.alloc(16)
    const composed = await stretchPassword('caf\u00e9', salt, cost)
    expect(await stretchPassword('cafe\u0301', salt, cost)).toEqual(composed)
  })

  it.each([
    ['64 GiB of memory', { memoryKib: 64 * 1024 * 1024, passes: 3, lanes: 1 }, 'Limit', 'Limit'],
    ['a million passes', { memoryKib: 64 * 1024, passes: 1_000_000, lanes: 1 }, 'Limit', 'Limit'],
    ['2 GiB of memory', { memoryKib: 2 * 1024 * 1024, passes: 1, lanes: 1 }, 'Limit', undefined],
    ['a minute', { memoryKib: 64 * 1024, passes: 200, lanes: 1 }, 'Limit', undefined],
    ['more lanes than memory', { memoryKib: 8, passes: 1, lanes: 2 }, 'Format', 'Format'],
    ['no pass', { memoryKib: 64, passes: 0, lanes: 1 }, 'Format', 'Format'],
    ['the usual', defaultCost, undefined, undefined],
  ])('is refused by its numbers where an archive asks for %s', (_name, cost, unasked, allowed) => {
    const outcome = (allowCostly: boolean): string | undefined => {
      try {
        checkCost(cost, allowCostly)
        return undefined
      } catch (thrown) {
        return (thrown as { code: string }).code
      }
    }
    expect([outcome(false), outcome(true)]).toEqual([unasked, allowed])
  })
})

describe('the test before first use', () => {
  const sound = {
    hkdf: hkdfSync,
    hmac: createHmac,
    makeXaes: (key: Uint8Array) => new Xaes(key),
    random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  }

  it('lets this program encrypt', async () => {
    testCiphers(sound)
    expect([nativeArgon2id, portableArgon2id]).toContain(await soundArgon2id())
  })

  const fails = (): never => {
    throw new Error('no such cipher')
  }
  const wrong: Readonly<Record<string, Partial<typeof sound>>> = {
    'XAES-256-GCM': { makeXaes: fails },
    HKDF: { hkdf: (...[digest, key, salt, , length]) => hkdfSync(digest, key, salt, 'other', length) },
    HMAC: { hmac: (_digest, key) => createHmac('sha512', key) },
    'random numbers': { random: (length) => new Uint8Array(length) },
  }

  it.each(Object.keys(wrong))(
    'turns encryption off where %s is missing or wrong: nothing weaker takes its place',
    (name) => {
      expect(() => testCiphers({ ...sound, ...wrong[name] })).toThrow(
        expect.objectContaining({ code: 'Unsupported', message: expect.stringContaining(name) as string }),
      )
    },
  )

  it('turns it off where tags are not checked', () => {
    const makeXaes = (key: Uint8Array): Xaes => {
      const cipher = new Xaes(key)
      const open = cipher.open.bind(cipher)
      return Object.assign(cipher, {
        open: (...[nonce, associated, sealed]: Parameters<Xaes['open']>) =>
          open(nonce, associated, sealed) ?? Buffer.alloc(12),
      })
    }
    expect(() => testCiphers({ ...sound, makeXaes })).toThrow(expect.objectContaining({ code: 'Unsupported' }))
  })

  it('passes over an argon2id that is wrong or fails, and turns encryption off where none is right', async () => {
    const wrong: Argon2id = () => Promise.resolve(Buffer.alloc(32))
    const fails: Argon2id = () => Promise.reject(new Error('unsupported'))
    expect(await firstSound([undefined, wrong, fails, portableArgon2id])).toBe(portableArgon2id)
    await expect(firstSound([undefined, wrong, fails])).rejects.toMatchObject({ code: 'Unsupported' })
  })
})
