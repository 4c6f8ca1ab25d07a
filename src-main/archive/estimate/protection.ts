import type { Expected } from '../../contract/estimate'
import { type ProtectionLevel, protectionLevels } from '../../contract/protection'
import { footerLength } from '../../format/footer'
import { planRun } from '../protection/plan-run'

/** No parity frame stands before the first one; whose archive it is does not change its length. */
const first = { archiveId: new Uint8Array(16), from: 0, previous: { position: 0, hash: new Uint8Array(16) } }

/**
 * Bytes of a new archive that is protected: all that it has without is covered by parity, and behind that come the index once more
 * and another footer.
 * @param archiveBytes without protection
 * @param indexBytes the frame of its index
 */
export function protectedBytes(archiveBytes: number, indexBytes: number, level: ProtectionLevel): number {
  return planRun({ ...first, position: Math.ceil(archiveBytes) }, level).end + Math.ceil(indexBytes) + footerLength
}

/** The same for what is only likely, with each level. */
export function withProtection(
  { about, low, high }: Expected,
  indexBytes: number,
): Readonly<Record<ProtectionLevel, Expected>> {
  const levels = protectionLevels.map((level) => {
    const [aboutThen, lowThen, highThen] = [about, low, high].map((bytes) => protectedBytes(bytes, indexBytes, level))
    return [level, { about: aboutThen, low: lowThen, high: highThen }]
  })
  return Object.fromEntries(levels) as Record<ProtectionLevel, Expected>
}
