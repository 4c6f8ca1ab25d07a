import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { keyLength } from './xaes'

/** The keys that an archive's data is protected with. All come from its master key and its id. */
export interface DerivedKeys {
  /** Seals frames. */
  readonly frames: Uint8Array
  /** Authenticates footers. */
  readonly footers: Uint8Array
  /** Makes the table by which chunks are cut. */
  readonly chunks: Uint8Array
  /** Names the archive in the record of states seen, so that this record names nothing by itself. */
  readonly record: Uint8Array
}

/** Bytes of {@link commitmentOf}. */
export const commitmentLength = 32

/**
 * HKDF-SHA-256 (RFC 5869) with the archive id as salt: an archive that is written anew has a new id, and so new keys, even where the
 * master key stays the same.
 */
export function deriveKeys(master: Uint8Array, archiveId: Uint8Array): DerivedKeys {
  const derive = (label: string): Uint8Array => expand(master, archiveId, label, keyLength)
  return {
    frames: derive('lmz 1 frames'),
    footers: derive('lmz 1 footers'),
    chunks: derive('lmz 1 chunks'),
    record: derive('lmz 1 record'),
  }
}

/**
 * What tells a master key from every other one: no two that anybody can find have the same. GCM alone does not do that
 * (Len, Grubbs, Ristenpart: "Partitioning Oracle Attacks", USENIX Security 2021).
 */
export function commitmentOf(master: Uint8Array): Uint8Array {
  return expand(master, new Uint8Array(), 'lmz 1 commitment', commitmentLength)
}

/** The table of a gear hash, 256 numbers of 8 bytes, that nobody can know without the key. */
export function gearTableOf(chunksKey: Uint8Array): Uint8Array {
  return expand(chunksKey, new Uint8Array(), 'lmz 1 gear', 256 * 8)
}

/** HMAC-SHA-256 (RFC 2104) of parts that stand one behind the other, 32 bytes. */
export function authenticate(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** Takes as long whichever bytes differ. */
export function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function expand(key: Uint8Array, salt: Uint8Array, label: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, label, length))
}
