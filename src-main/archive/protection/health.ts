import { LmzError } from '../../contract/error'
import type { ProtectionHealth } from '../../contract/report'
import type { Archive } from '../archive'
import type { JobControl } from '../job-control'
import { settingsOf } from '../settings'
import type { Healer, Stretch } from './healer'
import { runStepsInTurns } from './steps'

/**
 * Looks at all that is covered by parity and at the parity, and heals in memory what can be healed.
 * @returns undefined for an archive that is not protected
 */
export async function checkProtection(archive: Archive, control: JobControl): Promise<ProtectionHealth | undefined> {
  const between = (): Promise<void> => control.checkpoint()
  let healer: Healer | undefined
  try {
    healer = await runStepsInTurns(archive.repairs.find(), between)
  } catch (cause) {
    if (!(cause instanceof LmzError) || !['Format', 'Limit'].includes(cause.code)) throw cause
    control.notice(`${cause.message} ${archive.name} cannot be repaired with it; its files do not need it.`)
  }
  if (healer === undefined) return undefined
  await runStepsInTurns(healer.healAll(), between)
  const damagedParity = await runStepsInTurns(healer.checkParity(), between)
  return {
    level: settingsOf(archive).protection,
    coveredBytes: healer.runs.reduce((sum, { run }) => sum + run.length, 0),
    repairableBytes: bytesIn(healer.stretches('healed')),
    movedBytes: bytesIn(healer.stretches('moved')),
    lostBytes: bytesIn(healer.stretches('lost')),
    damagedParity,
  }
}

function bytesIn(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { length }) => sum + length, 0)
}
