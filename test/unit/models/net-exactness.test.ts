import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { MixModel } from '../../../src-main/codecs/mix/mix-model'
import { NeuralModel } from '../../../src-main/codecs/neural/neural-model'
import { sayTogether } from '../../../src-main/codecs/neural/say'
import { loadNet } from '../../../src-main/models/net/load-net'
import { modelsFolder } from '../../../src-main/models/models-folder'
import { type NetFile, netFileSchema } from '../../../src-main/models/net/net-file'
import { OnnxLanes, type OnnxOptions } from '../../../src-main/models/net/onnx-lanes'
import { passes, type SelfTest, selfTestSchema, type TestedNet } from '../../../src-main/models/net/self-test'
import { shippedNets } from '../../../src-main/models/net/shipped-nets'
import { NetReference } from '../../support/net-reference'
import { Random } from '../../support/random'

// A graphics processor in software, that comes with Chromium: as exact as any, and slow.
const software = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (existsSync(software)) process.env['VK_ICD_FILENAMES'] ??= software

interface Net {
  readonly folder: string
  readonly file: NetFile
  readonly test: SelfTest
  readonly weights: Uint8Array
}

function netIn(folder: string): Net {
  const readJson = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  return {
    folder,
    file: v.parse(netFileSchema, readJson('model.json')),
    test: v.parse(selfTestSchema, readJson('self-test.json')),
    weights: readFileSync(join(folder, 'weights.bin')),
  }
}

/** A small net that knows nothing, and those that are shipped. */
const small = netIn(join(import.meta.dirname, 'nets/byte-0'))
const nets = [small, ...[...shippedNets.values()].map(({ id }) => netIn(join(modelsFolder(), id)))]

/** One lane after the other. */
class KernelUnderTest implements TestedNet {
  readonly logits: Int16Array
  readonly lanes: number
  readonly #kernel: ReturnType<typeof loadNet>
  #states: Int16Array[] = []

  constructor({ file, weights }: Net, lanes: number) {
    this.#kernel = loadNet(file, weights)
    this.lanes = lanes
    this.logits = new Int16Array(lanes * 256)
  }

  run(states: readonly Int16Array[], rows: Int32Array): Promise<void> {
    const { memory, rows: rowsAt, logits, states: places, run } = this.#kernel
    const { buffer } = memory()
    const orders = rows.length / this.lanes
    this.#states = states.map((state) => state.slice())
    for (let lane = 0; lane < this.lanes; lane++) {
      const own = places.map(({ at, channels }) => new Int32Array(buffer, at, channels))
      own.forEach((state, block) =>
        state.set(this.#states[block]?.subarray(lane * state.length, (lane + 1) * state.length) ?? []),
      )
      new Int32Array(buffer, rowsAt, orders).set(rows.subarray(lane * orders, (lane + 1) * orders))
      run()
      own.forEach((state, block) => this.#states[block]?.set(state, lane * state.length))
      this.logits.set(new Int16Array(buffer, logits, 256), lane * 256)
    }
    return Promise.resolve()
  }

  states(): Int16Array[] {
    return this.#states
  }
}

const engines: readonly Omit<OnnxOptions, 'lanes'>[] = (['integer', 'float32'] as const).flatMap((graph) =>
  [1, 2].flatMap((threads) =>
    [true, false].map((isOptimised) => ({ provider: 'cpu', graph, threads, isOptimised }) as const),
  ),
)
const nameOf = ({ provider, graph, threads, isOptimised }: Omit<OnnxOptions, 'lanes'>) =>
  `${graph} on ${provider}, ${threads} threads, ${isOptimised === true ? '' : 'not '}optimised`

describe.each(nets.map((net) => [net.file.id, net] as const))('the recorded numbers of %s', (_id, shipped) => {
  const { folder, file, test } = shipped

  it.each(test.cases)('are those of the kernel: $name', async (each) => {
    expect(await passes(new KernelUnderTest(shipped, each.lanes), file, test, each)).toBe(true)
  })

  it.each(engines.map((engine) => [nameOf(engine), engine] as const))(
    'are those of ONNX Runtime: %s',
    async (_name, engine) => {
      for (const each of test.cases) {
        const net = await OnnxLanes.open(file, folder, { ...engine, lanes: each.lanes })
        expect(await passes(net, file, test, each), each.name).toBe(true)
        await net.close()
      }
    },
  )

  it('are those of ONNX Runtime on a graphics processor', async (context) => {
    let net: OnnxLanes | undefined
    for (const each of test.cases) {
      try {
        net = await OnnxLanes.open(file, folder, { provider: 'webgpu', graph: 'float32', lanes: each.lanes })
        expect(await passes(net, file, test, each), each.name).toBe(true)
      } catch (error) {
        if (net === undefined) context.skip(`there is no device for WebGPU here: ${String(error)}`)
        throw error
      }
    }
  })

  it('lead to one code, whatever computes them and for however many texts at once', async (context) => {
    const texts = [90, 60, 0, 77].map((length, at) => new Random(at + 20).text(length))
    const start = { contextSet: 0, recordLength: 4, prior: undefined, primer: undefined }
    const model = new NeuralModel(loadNet(file, shipped.weights), new MixModel())
    const expected: Uint8Array[] = []
    for (const text of texts) expected.push(await model.encode(text, start))
    const engines = [
      { provider: 'cpu', graph: 'integer', lanes: 4 },
      { provider: 'cpu', graph: 'integer', lanes: 9 },
      { provider: 'cpu', graph: 'float32', lanes: 9 },
      { provider: 'webgpu', graph: 'float32', lanes: 4 },
    ] as const
    let isWithoutDevice = false
    for (const engine of engines) {
      let net: OnnxLanes
      try {
        net = await OnnxLanes.open(file, folder, engine)
      } catch (error) {
        if (engine.provider === 'cpu') throw error
        isWithoutDevice = true
        continue
      }
      const said = await sayTogether(net, texts)
      for (const [at, text] of texts.entries()) {
        const code = await model.encode(text, start, said[at])
        expect(Buffer.compare(code, expected[at] ?? Buffer.alloc(0))).toBe(0)
        expect(Buffer.compare(model.decode(code, text.length, start) ?? Buffer.alloc(1), text)).toBe(0)
      }
      await net.close()
    }
    if (isWithoutDevice) context.skip('there is no device for WebGPU here')
  })

  it('are not those of a device that is off by one somewhere: what it packs, nobody could open', async () => {
    const [each] = test.cases
    if (each === undefined) throw new Error('there is no case')
    const sound = new KernelUnderTest(shipped, each.lanes)
    let steps = 0
    const broken: TestedNet = {
      logits: sound.logits,
      states: () => sound.states(),
      async run(states, rows) {
        await sound.run(states, rows)
        if (++steps === each.steps) sound.logits[7] = (sound.logits[7] ?? 0) + 1
      },
    }
    expect(await passes(broken, file, test, each)).toBe(false)
  })
})

describe('what a net says of texts', () => {
  const { folder, file, weights } = small

  it.each([1, 2, 3, 17, 64, 256])('does not depend on how many it reads at once: %i', async (lanes) => {
    const texts = Array.from({ length: lanes }, (_, lane) => new Random(lane + 1).text(12))
    const net = await OnnxLanes.open(file, folder, { provider: 'cpu', graph: 'integer', lanes })
    const kernel = loadNet(file, weights)
    const said: Int16Array[] = []
    await net.start()
    for (let step = 0; step < 12; step++) {
      said.push(net.logits.slice())
      await net.step(Uint8Array.from(texts, (text) => text[step] ?? 0))
    }
    for (const [lane, text] of texts.entries()) {
      kernel.start()
      for (const [step, byte] of text.entries()) {
        const logits = new Int16Array(kernel.memory().buffer, kernel.logits, 256)
        expect(
          Buffer.compare(
            Buffer.from(logits.buffer.slice(logits.byteOffset, logits.byteOffset + 512)),
            bytesOf(said[step]?.subarray(lane * 256, (lane + 1) * 256)),
          ),
        ).toBe(0)
        kernel.step(byte)
      }
    }
    await net.close()
  })

  it('is what plain numbers say of it', () => {
    const kernel = loadNet(file, weights)
    const reference = new NetReference(file, weights)
    kernel.start()
    for (const byte of new Random(9).text(100)) {
      expect(Array.from(new Int16Array(kernel.memory().buffer, kernel.logits, 256))).toEqual(reference.step())
      reference.take(byte)
      kernel.step(byte)
    }
  })
})

function bytesOf(values: Int16Array | undefined): Buffer {
  return values === undefined ? Buffer.alloc(0) : Buffer.from(values.buffer, values.byteOffset, values.byteLength)
}
