import * as v from 'valibot'
import { constants, zstdCompressSync } from 'node:zlib'
import { startMixKernel } from '../../../src-main/kernels/mix-kernel'
import { streamCount } from '../../../src-main/models/history-tree'
import { kernelFacts } from '../../../src-main/models/kernel-facts'
import { loadNet } from '../../../src-main/models/net/load-net'
import { netFileSchema } from '../../../src-main/models/net/net-file'
import { decodePriorFile } from '../../../src-main/models/prior-file'
import { packSmall } from '../../../src-main/models/prior-small'
import { takeApart } from '../../../src-main/models/prior-table'
import { tinyNet } from '../../support/tiny-net'
import type { Target } from '../guided'

/** A small table is as good as a large one: the file says which it is. */
const kernelBits = 10
const tableBits = 4
const covers = /models\/(prior-file|prior-table|prior-small)\.ts/

/** The kernel takes a second to clear at full size; one of few lines does the same work. */
function priorMeans() {
  const kernel = startMixKernel(kernelBits)
  const facts = kernelFacts(kernel)
  const table = Buffer.alloc(2 ** tableBits * 64)
  for (let line = 0; line < 2 ** tableBits; line += 2) {
    table[line * 64] = 7
    table[line * 64 + 1] = 90
    table[line * 64 + 4] = 1
    table[line * 64 + 19] = 1
  }
  const { occupancy, checks, histories } = takeApart(table, facts.seen)
  return { kernel, sections: [...packSmall(facts.small, facts), occupancy, checks, ...histories] }
}

let means: ReturnType<typeof priorMeans> | undefined

const packed = new Map<string, Buffer>()

/** Empty and large sections come again and again. */
function pack(section: Uint8Array): Buffer {
  const make = (): Buffer => zstdCompressSync(section, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  if (section.length > 0 && section.length < 5000) return make()
  const key = section.length === 0 ? '' : Buffer.from(section).toString('latin1')
  const known = packed.get(key) ?? make()
  packed.set(key, known)
  return known
}

function priorFile(bits: number, sections: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(8 + sections.length * 8)
  header.write('LMZP')
  header.set([1, bits], 4)
  const payloads = sections.map(pack)
  sections.forEach((section, number) => {
    header.writeUInt32LE(section.length, 8 + number * 8)
    header.writeUInt32LE(payloads[number]?.length ?? 0, 12 + number * 8)
  })
  return Buffer.concat([header, ...payloads])
}

/** The file as it is: header and zstd frames. */
export const prior: Target = {
  name: 'prior file',
  covers,
  longest: 60_000,
  seeds() {
    means = priorMeans()
    return [priorFile(tableBits, means.sections)]
  },
  run: (input) => void decodePriorFile(input, (means ??= priorMeans()).kernel),
}

/** What is in its frames. Input: bits of the table; then a length byte and so many bytes for each of its streams, as far as it goes. */
export const priorStreams: Target = {
  name: 'prior streams',
  covers,
  longest: 3000,
  seeds() {
    means = priorMeans()
    const streams = means.sections.slice(2)
    const last = streams.findLastIndex(({ length }) => length > 0)
    const parts = streams.slice(0, last + 1).flatMap((stream) => [Buffer.of(stream.length), stream])
    return [Buffer.concat([Buffer.of(tableBits), ...parts])]
  },
  run(input) {
    const { kernel, sections } = (means ??= priorMeans())
    const streams: Uint8Array[] = []
    let at = 1
    for (let number = 0; number < streamCount + 2; number++) {
      const length = input[at] ?? 0
      streams.push(input.subarray(at + 1, at + 1 + length))
      at += 1 + length
    }
    decodePriorFile(priorFile(input[0] ?? 0, [...sections.slice(0, 2), ...streams]), kernel)
  },
}

/**
 * The description of a net. Its hash is checked before it is read, so whoever reaches this has changed lmz itself; TypeError and what a
 * schema says are how it is refused.
 */
export const net: Target = {
  name: 'net description',
  covers: /models\/net\/(load-net|net-file)\.ts/,
  longest: 6000,
  seeds: () => [Buffer.from(JSON.stringify(tinyNet(1).file))],
  run(input) {
    const { weights } = tinyWeights()
    try {
      loadNet(v.parse(netFileSchema, JSON.parse(Buffer.from(input).toString('utf8'))), weights)
    } catch (thrown) {
      if (!(thrown instanceof TypeError || thrown instanceof SyntaxError || thrown instanceof v.ValiError)) throw thrown
    }
  },
}

let known: ReturnType<typeof tinyNet> | undefined

function tinyWeights(): ReturnType<typeof tinyNet> {
  known ??= tinyNet(1)
  return known
}
