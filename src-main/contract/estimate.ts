import type { PresetName } from './preset'
import type { ProtectionLevel } from './protection'

/** What can be said of a number that was not measured: where it is likely to be, and between which bounds. */
export interface Expected {
  readonly about: number
  readonly low: number
  readonly high: number
}

/** What a preset is expected to make of the data. */
export interface PresetEstimate {
  readonly preset: PresetName
  /** Raw bytes of a block. */
  readonly blockSize: number
  readonly archiveBytes: Expected
  /** The same with protection against damage. */
  readonly protectedBytes: Readonly<Record<ProtectionLevel, Expected>>
  /** Seconds to make the archive on this machine, as busy as it is now. */
  readonly packSeconds: number
  /** Seconds until a file that lies in one block can be read, from opening the archive on. */
  readonly openSeconds: number
  /** Raw bytes that were packed to find this out. */
  readonly triedBytes: number
}
