import type { ProtectionLevel } from '../../contract/protection'
import type { PackReport } from '../../contract/report'
import { footerEnd, type Footer, type ParityPlace } from '../../format/footer'
import { amendArchive } from '../amend'
import { Archive } from '../archive'
import { packIndex } from '../index-frame'
import { JobControl, type JobOptions } from '../job-control'
import { packReport } from '../pack-report'
import { protectionSetting, settingsOf } from '../settings'
import { diskStorage, type Storage } from '../storage'
import type { MasterKey } from '../encryption/master-key'
import type { UnlockOptions } from '../encryption/unlock'

export interface ProtectOptions extends JobOptions {
  /** The archive's own level if not given, or `normal`. */
  readonly level?: ProtectionLevel | undefined
  /** Only to try out what large archives are like on small ones. */
  readonly cellLength?: number | undefined
}

/**
 * Appends parity for all of an archive that has none yet, and keeps what later changes add protected too.
 * @throws LmzError `NotFound`, `Busy`, `Corrupt` for an archive that must be repaired or salvaged first, `NoSpace`, `Io`, `Cancelled`
 */
export async function protectArchive(
  path: string,
  options: ProtectOptions & UnlockOptions = {},
  storage: Storage = diskStorage,
): Promise<PackReport> {
  const control = new JobControl(options)
  const state = await protectionOf(path, options, storage)
  try {
    const level = options.level ?? state.level ?? 'normal'
    if (state.isComplete && level === state.level) {
      control.notice(`${state.name} is protected already.`)
      return await packReport(path, control, 0, storage, state.masterKey)
    }
    if (state.isProtected && level !== state.level) {
      control.notice('What was protected before stays as it was; lmz compact protects all of it anew.')
    }
    const amending = { control, action: 'Cannot protect', storage, masterKey: state.masterKey }
    return await amendArchive(path, amending, async ({ archive, index, writer }) => {
      index.setSetting(protectionSetting, level)
      const bytesTotal = archive.source.size
      let bytes = 0
      const onCovered = async (covered: number): Promise<void> => {
        bytes += covered
        control.progress({ phase: 'work', entries: 0, bytes: Math.min(bytes, bytesTotal), bytesTotal })
        await control.checkpoint()
      }
      const frame = await packIndex(index)
      try {
        await writer.commit(frame, { level, cellLength: options.cellLength, onCovered })
      } finally {
        await frame.dispose()
      }
    })
  } finally {
    state.masterKey?.forget()
  }
}

interface ProtectionState {
  readonly name: string
  readonly level: ProtectionLevel | undefined
  readonly isProtected: boolean
  /** Whether nothing but the second index and the footer stands behind the newest parity. */
  readonly isComplete: boolean
  readonly masterKey: MasterKey | undefined
}

async function protectionOf(path: string, unlock: UnlockOptions, storage: Storage): Promise<ProtectionState> {
  const archive = await Archive.open(path, storage, unlock)
  try {
    const { footer, source, name } = archive
    const parity = footer?.parity
    return {
      name,
      level: settingsOf(archive).protection,
      masterKey: archive.encryption?.masterKey.copy(),
      isProtected: parity !== undefined,
      isComplete: footer !== undefined && parity !== undefined && isAllCovered({ ...footer, parity }, source.size),
    }
  } finally {
    archive.close()
  }
}

/** Nothing that counts stands behind the newest parity but the second index, what belongs to its commit, and the footer. */
function isAllCovered(footer: Footer & { readonly parity: ParityPlace }, size: number): boolean {
  const { index, parity } = footer
  return index.position === parity.position + parity.length && size === footerEnd(footer)
}
