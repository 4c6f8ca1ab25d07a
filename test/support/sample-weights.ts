import { Random } from './random'
import { safetensorsFile, type TensorToWrite } from './tensor-files'

/** A model's weights as they come: normally distributed, most as bf16, of several layers. */
export function sampleWeights(layers = 4, side = 96): Buffer {
  const random = new Random(11)
  const tensors: TensorToWrite[] = []
  for (let layer = 0; layer < layers; layer++) {
    tensors.push(
      {
        name: `model.layers.${layer}.attention.weight`,
        type: 'BF16',
        shape: [side, side],
        data: bfloats(random, side * side),
      },
      { name: `model.layers.${layer}.norm.bias`, type: 'F32', shape: [side], data: floats(random, side) },
    )
  }
  tensors.push({ name: 'position_ids', type: 'I64', shape: [1, side], data: positions(side) })
  return safetensorsFile(tensors)
}

/** Box and Muller, "A note on the generation of random normal deviates", 1958. */
function normal(random: Random): number {
  const [one, other] = [(random.below(1e6) + 1) / 1e6, random.below(1e6) / 1e6]
  return 0.02 * Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * other)
}

function floats(random: Random, count: number): Uint8Array {
  return new Uint8Array(Float32Array.from({ length: count }, () => normal(random)).buffer)
}

/** The upper halves of floats. */
function bfloats(random: Random, count: number): Uint8Array {
  const whole = new Uint16Array(floats(random, count).buffer)
  return new Uint8Array(whole.filter((_, at) => at % 2 === 1).buffer)
}

function positions(count: number): Uint8Array {
  return new Uint8Array(BigInt64Array.from({ length: count }, (_, at) => BigInt(at)).buffer)
}
