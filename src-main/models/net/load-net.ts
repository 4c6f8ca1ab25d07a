import { startNetKernel, type NetKernel } from '../../kernels/net-kernel'
import { type NetFile, ordersOf, sectionOf } from './net-file'

/** Outputs and inputs of a product that lie together; whatever is counted in the net is a multiple of the former. */
const outputsAtOnce = 16
const inputsAtOnce = 4
const pageLength = 64
/** Four products of larger ones might not fit 16 bits. */
const mostWeight = 63
/** Weights of one sign, eight of which are added up in 16 bits: 258 * 127 < 2^15. */
const mostOfEight = 258

/**
 * A kernel with a net's weights in it: what codes one text, a byte after the other.
 * @param weights the bytes of `weights.bin`, which has been checked
 * @throws TypeError for a model that is not made as the contract says
 */
export function loadNet(file: NetFile, weights: Uint8Array): LoadedNet {
  const { shape } = file
  const { width, blocks, row_width: rowWidth, table_bits: tableBits } = shape
  const orders = ordersOf(shape)
  const kernel = startNetKernel()
  const limits: readonly (readonly [number, number])[] = [
    [width, kernel.widest],
    [rowWidth, kernel.mostEntering],
    [orders * rowWidth, kernel.mostEntering],
    ...blocks.flatMap(([recurrent, squares]): [number, number][] => [
      [recurrent, kernel.mostEntering],
      [recurrent + squares, kernel.mostEntering],
      [recurrent * 3 + squares, kernel.mostInner],
    ]),
  ]
  if (limits.some(([size, most]) => size === 0 || size > most || size % outputsAtOnce !== 0)) {
    throw new TypeError(`the net ${file.id} has a shape that its kernel cannot take`)
  }

  const parts: { readonly at: number; readonly bytes: Uint8Array }[] = []
  let end = kernel.parts
  const put = (values: Uint8Array | Int8Array | Float32Array): number => {
    const at = Math.ceil(end / pageLength) * pageLength
    parts.push({ at, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) })
    end = at + values.byteLength
    return at
  }
  const numbers = (name: string, length: number): number => put(sectionOf(file, weights, name, 'float32', length))
  const product = (name: string, inputs: number, outputs: number): number[] => {
    const tiles = packed(sectionOf(file, weights, `${name}.weight`, 'int8', inputs * outputs), inputs, outputs)
    return [
      put(tiles),
      numbers(`${name}.scale`, outputs),
      numbers(`${name}.offset`, outputs),
      put(narrowTiles(tiles, inputs * outputsAtOnce)),
    ]
  }
  const rows = 256 + tableBits.reduce((sum, bits) => sum + 2 ** bits, 0)
  const states = blocks.map(([recurrent]) => ({ at: put(new Int8Array(recurrent * 4)), channels: recurrent }))
  const fields = [
    orders,
    rowWidth,
    width,
    blocks.length,
    put(sectionOf(file, weights, 'table', 'uint8', rows * rowWidth)),
    ...Array.from({ length: mostOrders }, (_, order) => tableBits[order - 1] ?? 0),
    ...product('entry', orders * rowWidth, width),
    ...product('head', width, 256),
    ...blocks.flatMap(([recurrent, squares], at) => {
      const inner = recurrent * 3 + squares
      return [
        recurrent,
        squares,
        states[at]?.at ?? 0,
        numbers(`block${at}.low`, inner),
        numbers(`block${at}.high`, inner),
        ...product(`block${at}.inner`, width, inner),
        ...product(`block${at}.outer`, recurrent + squares, width),
      ]
    }),
  ]
  kernel.reserve(end)
  const memory = kernel.memory()
  for (const { at, bytes } of parts) memory.set(bytes, at)
  new Uint32Array(memory.buffer, kernel.model, fields.length).set(fields)
  return { ...kernel, states }
}

/** A kernel with a net in it. */
export interface LoadedNet extends NetKernel {
  /** Where the state of each block stands: i32 a channel. */
  readonly states: readonly { readonly at: number; readonly channels: number }[]
}

/** The kernel has fields for so many. */
const mostOrders = 8

/** [inputs, outputs] -> groups of 16 outputs, in these of 4 inputs, in these by output and then by input. */
function packed(weights: Int8Array, inputs: number, outputs: number): Int8Array {
  if (weights.some((weight) => weight < -mostWeight || weight > mostWeight))
    throw new TypeError('a weight is too large')
  const result = new Int8Array(weights.length)
  let at = 0
  for (let output = 0; output < outputs; output += outputsAtOnce) {
    for (let input = 0; input < inputs; input += inputsAtOnce) {
      for (let place = 0; place < outputsAtOnce * inputsAtOnce; place++) {
        const from = (input + (place % inputsAtOnce)) * outputs + output + Math.floor(place / inputsAtOnce)
        result[at++] = weights[from] ?? 0
      }
    }
  }
  return result
}

/** By tile: whether eight products of an output, two of each of four groups of inputs, always fit 16 bits together. */
function narrowTiles(tiles: Int8Array, tileLength: number): Uint8Array {
  return Uint8Array.from({ length: tiles.length / tileLength }, (_, tile) =>
    isNarrow(tiles.subarray(tile * tileLength, (tile + 1) * tileLength)) ? 1 : 0,
  )
}

function isNarrow(tile: Int8Array): boolean {
  const groupLength = outputsAtOnce * inputsAtOnce
  for (let at = 0; at < tile.length; at += 4 * groupLength) {
    for (let pair = at; pair < at + groupLength; pair += 2) {
      let positive = 0
      let negative = 0
      for (let group = pair; group < pair + 4 * groupLength; group += groupLength) {
        for (let place = group; place < group + 2; place++) {
          const weight = tile[place] ?? 0
          if (weight > 0) positive += weight
          else negative += weight
        }
      }
      if (positive > mostOfEight || negative < -mostOfEight) return false
    }
  }
  return true
}
