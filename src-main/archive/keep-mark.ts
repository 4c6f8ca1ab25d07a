import { basename } from 'node:path'
import { carryMark } from '../outlet/download-mark/system-marks'
import type { JobControl } from './job-control'

/** What was downloaded stays marked as such; a disk without marks is no reason to lose what was saved. */
export function keepMark(damaged: string, target: string, control: JobControl): void {
  try {
    carryMark(damaged, target)
  } catch {
    control.notice(`${basename(target)} could not be marked as downloaded.`)
  }
}
