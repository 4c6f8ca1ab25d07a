import type { ParityOptions } from './append-parity'
import type { JobControl } from '../job-control'
import type { PackSettings } from '../settings'

/** How a job protects what it commits: as the archive's settings say. A cancel takes effect between stretches of bytes. */
export function protectionFor({ protection: level }: PackSettings, control: JobControl): ParityOptions | undefined {
  return level === undefined ? undefined : { level, onCovered: () => control.checkpoint() }
}
