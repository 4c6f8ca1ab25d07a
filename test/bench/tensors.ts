import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type * as library from '../../src-main/shells/library/index'

/*
 * node test/bench/tensors.ts [--megabytes 1000] [--preset fast] [--type BF16]
 *
 * Writes a safetensors file of tensors of 1 MB with numbers as weights have them, packs it, and prints what one of them costs: bytes
 * of the archive that this process reads (as Linux counts them) against the tensor's stored bytes, and milliseconds, for tensors all
 * over the file; each is read for the first time. To be run when out/ is built.
 */

const built = new URL('../../out/main/lmz.js', import.meta.url).href
const { createArchive, openArchive } = (await import(built)) as typeof library

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    preset: { type: 'string', default: 'fast' },
    type: { type: 'string', default: 'BF16' },
    rounds: { type: 'string', default: '12' },
  },
})
const count = Number(values.megabytes)
const preset = values.preset as 'fast' | 'balanced' | 'max'
const columns = 1000
const width = values.type === 'F32' ? 4 : 2
const rows = 1_000_000 / columns / width

/** Normal numbers; those of one tensor are of one scale. */
function weightsOf(seed: number): Buffer {
  const bytes = Buffer.alloc(rows * columns * width)
  const single = new Float32Array(1)
  const singleBytes = Buffer.from(single.buffer)
  let state = seed + 1
  const share = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return ((state >>> 8) + 0.5) / 2 ** 24
  }
  const scale = 0.01 * (1 + (seed % 7))
  for (let at = 0; at < bytes.length; at += width) {
    single[0] = scale * Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share())
    singleBytes.copy(bytes, at, 4 - width, 4)
  }
  return bytes
}

function bytesReadByNow(): number {
  return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}

const folder = mkdtempSync(join(tmpdir(), 'lmz-bench-'))
try {
  const source = join(folder, 'model.safetensors')
  const length = rows * columns * width
  const header: Record<string, object> = {}
  for (let at = 0; at < count; at++) {
    header[`layer.${at}.weight`] = {
      dtype: values.type,
      shape: [rows, columns],
      data_offsets: [at * length, (at + 1) * length],
    }
  }
  const text = JSON.stringify(header)
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(BigInt(Math.ceil(text.length / 8) * 8))
  const file = openSync(source, 'w')
  writeSync(file, Buffer.concat([head, Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))]))
  for (let at = 0; at < count; at++) writeSync(file, weightsOf(at))
  closeSync(file)

  const archivePath = join(folder, 'model.lmz')
  const start = performance.now()
  await createArchive(archivePath, [source], { preset })
  const seconds = (performance.now() - start) / 1000
  const [raw, stored] = [statSync(source).size, statSync(archivePath).size]
  console.log(
    `${(raw / 1e6).toFixed(0)} MB packed in ${seconds.toFixed(1)} s to ${((100 * stored) / raw).toFixed(1)} %`,
  )

  const opening = performance.now()
  const before = bytesReadByNow()
  using archive = await openArchive(archivePath)
  console.log(`opened in ${(performance.now() - opening).toFixed(0)} ms, ${bytesReadByNow() - before} bytes read`)
  const listing = performance.now()
  const beforeList = bytesReadByNow()
  const tensors = archive.tensors('model.safetensors') ?? []
  const listMs = (performance.now() - listing).toFixed(0)
  console.log(`list of ${tensors.length} tensors: ${listMs} ms, ${bytesReadByNow() - beforeList} bytes read`)
  const costs = Array.from({ length: Number(values.rounds) }, (_none, round) => {
    const tensor = tensors[Math.floor(((round + 0.5) * tensors.length) / Number(values.rounds))]
    if (tensor === undefined) throw new Error('there are tensors')
    const [begun, readBefore, processorBefore] = [performance.now(), bytesReadByNow(), process.cpuUsage()]
    let bytes = 0
    for (const piece of archive.readTensor('model.safetensors', tensor.name)) bytes += piece.length
    const ms = performance.now() - begun
    const { user, system } = process.cpuUsage(processorBefore)
    if (bytes !== length) throw new Error(`${bytes} bytes came out`)
    return { ms, processorMs: (user + system) / 1000, ratio: (bytesReadByNow() - readBefore) / tensor.stored }
  })
  const times = costs.map(({ ms }) => ms).sort((left, right) => left - right)
  const processorTimes = costs.map(({ processorMs }) => processorMs).sort((left, right) => left - right)
  const ratios = costs.map(({ ratio }) => ratio).sort((left, right) => left - right)
  const [middle, last] = [Math.floor(costs.length / 2), costs.length - 1]
  console.log(`one tensor of ${length} bytes: ${times[middle]?.toFixed(0)} ms (at most ${times[last]?.toFixed(0)} ms),`)
  console.log(
    `time of the processor ${processorTimes[middle]?.toFixed(0)} ms (at most ${processorTimes[last]?.toFixed(0)} ms),`,
  )
  console.log(
    `bytes read / stored bytes of the tensor: ${ratios[middle]?.toFixed(3)} (at most ${ratios[last]?.toFixed(3)})`,
  )
} finally {
  rmSync(folder, { recursive: true })
}
