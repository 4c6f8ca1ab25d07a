import type { Random } from './random'
import { safetensorsFile } from './tensor-files'

/** Weights as a net has them: normally distributed float32. */
export function weights(random: Random, count: number, deviation = 0.02): Buffer {
  const values = new Float32Array(count)
  for (let at = 0; at < count; at++) values[at] = normal(random) * deviation
  return Buffer.from(values.buffer)
}

/** The same weights some steps later: each moved by so much, whatever its size. */
export function movedWeights(random: Random, before: Buffer, step: number): Buffer {
  const values = new Float32Array(before.buffer.slice(before.byteOffset, before.byteOffset + before.length))
  return Buffer.from(values.map((value) => value + normal(random) * step).buffer)
}

/** The upper halves of float32: bfloat16, cut off. */
export function halved(bytes: Buffer): Buffer {
  const upper = Buffer.alloc(bytes.length / 2)
  for (let at = 0; at < upper.length; at += 2) upper.writeUInt16LE(bytes.readUInt16LE(at * 2 + 2), at)
  return upper
}

/** Box and Muller's. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.share()))
  return radius * Math.cos(2 * Math.PI * random.share())
}

/** Files of one tensor each, as a run leaves them behind: each is stored as its differences from one before it. */
export function* checkpointFiles(random: Random, count = 20_000): Generator<Buffer, never> {
  for (let data = weights(random, count); ; data = movedWeights(random, data, 1e-5)) {
    yield safetensorsFile([{ name: 'layer', type: 'F32', shape: [count], data }])
  }
}
