import { areEqual, authenticate } from '../crypto/derived-keys'
import { encodeFooterFields, type Footer, footerPayloadLength, sealedFooterPayloadLength, timeAt } from './footer'

/*
 * Footers of an encrypted archive can be found and followed without the password, but not made: each carries a code that only the key
 * gives. It covers the hash of the footer before, which covers that one's code: so the codes are a chain.
 */

const timePosition = 88
const codeAt = 160

/** A footer as it is written: its time hidden, with its code. */
export function sealFooter(footer: Footer, footersKey: Uint8Array, keySlotsHash: Uint8Array): Footer {
  const payload = Buffer.alloc(sealedFooterPayloadLength)
  payload.set(encodeFooterFields(footer))
  payload.set(keySlotsHash, footerPayloadLength)
  hideTime(payload, footersKey)
  payload.set(authenticate(footersKey, payload.subarray(0, codeAt)), codeAt)
  return { ...footer, authentication: { keySlotsHash, code: payload.subarray(codeAt), payload } }
}

/** @returns the footer with its true time; undefined unless the key's owner wrote every byte of it */
export function authenticFooter(footer: Footer, footersKey: Uint8Array): Footer | undefined {
  const { authentication } = footer
  if (authentication === undefined) return undefined
  const payload = Buffer.from(authentication.payload)
  if (!areEqual(authenticate(footersKey, payload.subarray(0, codeAt)), authentication.code)) return undefined
  hideTime(payload, footersKey)
  return { ...footer, timeMs: timeAt(payload, timePosition) }
}

/** The name by which a footer calls its index: its content hash would tell whoever has the same index that it is this one. */
export function secretIndexHash(contentHash: Uint8Array, footersKey: Uint8Array): Uint8Array {
  return authenticate(footersKey, Buffer.from('index'), contentHash).subarray(0, contentHash.length)
}

/** Hides the time, or shows it again: the same twice over changes nothing. All else in the payload must be there already. */
function hideTime(payload: Buffer, footersKey: Uint8Array): void {
  const fields = Buffer.concat([payload.subarray(0, timePosition), payload.subarray(timePosition + 8, codeAt)])
  const mask = authenticate(footersKey, Buffer.from('time'), fields)
  for (let at = 0; at < 8; at++) payload[timePosition + at] = (payload[timePosition + at] ?? 0) ^ (mask[at] ?? 0)
}
