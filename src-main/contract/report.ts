import type { ArchiveInfo } from './archive-info'
import type { PresetEstimate } from './estimate'
import type { Problem } from './problem'
import type { ProtectionLevel } from './protection'

/** What every job tells when it is done. */
export interface Report {
  /** Entries that were left out or could not be dealt with fully; the job as a whole succeeded. */
  readonly problems: readonly Problem[]
  /** Sentences about the archive as a whole, such as an unfinished change behind its end. */
  readonly notices: readonly string[]
}

/** After create, add, remove, rename and compact. Sizes in bytes. */
export interface PackReport extends Report {
  readonly archive: string
  readonly entries: number
  readonly files: number
  readonly rawBytes: number
  readonly uniqueBytes: number
  readonly archiveBytes: number
  /** Bytes this job wrote. */
  readonly writtenBytes: number
}

/** What `create` is expected to give. Entries, files and bytes are counted, the rest is projected from a sample. */
export interface EstimateReport extends Report {
  readonly entries: number
  readonly files: number
  readonly rawBytes: number
  /** Raw bytes that were read. */
  readonly sampledBytes: number
  readonly presets: readonly PresetEstimate[]
}

export interface ExtractReport extends Report {
  /** The state the archive was read in. */
  readonly condition: ArchiveInfo['condition']
  /** Where the entries went; the folder of a smart extraction included. */
  readonly destination: string
  readonly files: number
  readonly directories: number
  readonly links: number
  readonly bytes: number
  /** Bytes of the archive that were read for it: its index and the blocks needed. */
  readonly archiveBytesRead: number
}

/** What is known of an archive that is protected. Sizes in bytes. */
export interface ProtectionHealth {
  readonly level: ProtectionLevel | undefined
  /** What can be repaired if it is damaged. */
  readonly coveredBytes: number
  /** Damaged or missing, but computed anew from the rest. */
  readonly repairableBytes: number
  /** Whole, but not at its place: bytes were inserted or are missing before it. */
  readonly movedBytes: number
  /** Damaged, and too much of the rest too. */
  readonly lostBytes: number
  /** Records of the parity itself that are damaged. */
  readonly damagedParity: number
}

export interface VerifyReport extends Report {
  readonly condition: ArchiveInfo['condition']
  readonly files: number
  readonly blocks: number
  readonly bytes: number
  /** Entries that can no longer be extracted whole; each is in `problems` too. */
  readonly damagedFiles: number
  /** Entries that could not be checked, since a model of lmz is missing that they were packed with; likewise. */
  readonly uncheckedFiles: number
  /** Of an archive that is protected. */
  readonly protection?: ProtectionHealth | undefined
}

/** What a repair came to. */
export interface RepairReport extends Report {
  /** The new archive. */
  readonly target: string
  readonly files: number
  /** Files that the new archive does not have whole either. */
  readonly lostFiles: number
  readonly archiveBytes: number
  readonly health: ProtectionHealth
}

export interface SalvageReport extends Report {
  readonly target: string
  readonly files: number
  /** Files of the damaged archive that are lost; -1 when its list of files is lost too. */
  readonly lostFiles: number
  readonly bytes: number
}

export interface PasswordReport extends Report {
  readonly archive: string
  /** How many passwords open it now. */
  readonly passwords: number
}

export interface ReportOf {
  create: PackReport
  estimate: EstimateReport
  add: PackReport
  remove: PackReport
  rename: PackReport
  compact: PackReport
  extract: ExtractReport
  verify: VerifyReport
  salvage: SalvageReport
  protect: PackReport
  repair: RepairReport
  password: PasswordReport
}
