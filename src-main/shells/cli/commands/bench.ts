import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { formatBytes } from '../../../contract/format-bytes'
import { presetNames } from '../../../contract/preset'
import { runJob } from '../../../engine/run-job'
import type { CommandContext } from '../context'

/** Packs and unpacks a file or folder with each preset and prints what it costs. Comparing with other programs: npm run bench. */
export async function benchCommand({ terminal, signal }: CommandContext, path = '.'): Promise<void> {
  terminal.line('Preset      Size         Ratio   Pack MB/s  Unpack MB/s')
  for (const preset of presetNames) {
    const folder = await mkdtemp(join(tmpdir(), 'lmz-bench-'))
    try {
      const archive = join(folder, 'bench.lmz')
      const paths = [resolve(path)]
      const progress = { signal, onProgress: terminal.progress.bind(terminal) }
      const packed = await timed(() => runJob<'create'>({ verb: 'create', archive, paths, preset }, progress))
      const extraction = { verb: 'extract', archive, entries: [], destination: join(folder, 'out') } as const
      const unpacked = await timed(() =>
        runJob<'extract'>({ ...extraction, entries: [], overwrite: 'skip', smart: false }, progress),
      )
      terminal.clear()
      const { rawBytes, archiveBytes } = packed.result
      const packRate = rawBytes / 1e6 / packed.seconds
      const unpackRate = rawBytes / 1e6 / unpacked.seconds
      const ratio = archiveBytes / Math.max(1, rawBytes)
      if (terminal.isJson) terminal.event('result', { verb: 'bench', preset, rawBytes, archiveBytes, packRate, unpackRate })
      const cells = [
        preset.padEnd(11),
        formatBytes(archiveBytes).padEnd(12),
        `${(ratio * 100).toFixed(1)} %`.padStart(6),
        packRate.toFixed(1).padStart(11),
        unpackRate.toFixed(1).padStart(12),
      ]
      terminal.line(cells.join(' '))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

async function timed<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly seconds: number }> {
  const started = performance.now()
  const result = await work()
  return { result, seconds: (performance.now() - started) / 1000 }
}
