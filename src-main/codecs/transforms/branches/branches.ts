import { HeaderReader, HeaderWriter } from '../header'
import type { Transform } from '../transform'
import { convertArm64 } from './arm64'
import { detectMode, lastMode, segmentLength, segmentMode } from './segments'
import { convertX86, type Direction } from './x86'

/**
 * Machine code with the targets of calls and jumps in place of distances.
 *
 * Layout: number of runs, then for each run its mode (one byte) and its number of segments of 4 KiB (the last segment
 * of a block may be shorter), then the block's bytes, rewritten run by run. Numbers are LEB128.
 */
export const branches: Transform = { number: 1, name: 'branches', forward, inverse }

interface Run {
  readonly mode: number
  /** Offsets in the block. */
  readonly start: number
  readonly end: number
}

function forward(raw: Uint8Array): Uint8Array | undefined {
  const runs = findRuns(raw)
  if (runs.every((run) => run.mode === segmentMode.none)) return undefined
  const header = new HeaderWriter()
  header.number(runs.length)
  for (const { mode, start, end } of runs) {
    header.byte(mode)
    header.number(Math.ceil((end - start) / segmentLength))
  }
  const transformed = new Uint8Array(header.length + raw.length)
  header.copyTo(transformed)
  const body = transformed.subarray(header.length)
  for (const run of runs) convert(raw, body, run, 'forward')
  return transformed
}

function inverse(transformed: Uint8Array, rawLength: number): Uint8Array {
  const header = new HeaderReader(transformed, 'branches')
  const runCount = header.number(Math.ceil(rawLength / segmentLength))
  const raw = new Uint8Array(rawLength)
  const runs: Run[] = []
  let start = 0
  for (let index = 0; index < runCount; index++) {
    const mode = header.byte()
    if (mode > lastMode || mode === 3) throw header.corrupt()
    const segments = header.number(Math.ceil((rawLength - start) / segmentLength))
    const end = Math.min(rawLength, start + segments * segmentLength)
    runs.push({ mode, start, end })
    start = end
  }
  const body = header.rest()
  if (start !== rawLength || body.length !== rawLength) throw header.corrupt()
  for (const run of runs) convert(body, raw, run, 'inverse')
  return raw
}

/** Neighbouring segments of one mode make one run; an empty block has none. */
function findRuns(raw: Uint8Array): readonly Run[] {
  const runs: Run[] = []
  for (let start = 0; start < raw.length; start += segmentLength) {
    const end = Math.min(raw.length, start + segmentLength)
    const mode = detectMode(raw, start, end)
    const previous = runs.at(-1)
    if (previous?.mode === mode) runs[runs.length - 1] = { ...previous, end }
    else runs.push({ mode, start, end })
  }
  return runs
}

function convert(source: Uint8Array, target: Uint8Array, { mode, start, end }: Run, direction: Direction): void {
  switch (mode) {
    case segmentMode.none:
      target.set(source.subarray(start, end), start)
      return
    case segmentMode.x86:
    case segmentMode.x86WithRip:
      convertX86(source, target, start, end, mode === segmentMode.x86WithRip, direction)
      return
    default:
      convertArm64(source, target, start, end, mode - segmentMode.arm64, direction)
  }
}
