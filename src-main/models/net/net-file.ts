import * as v from 'valibot'

/** A whole number of something. */
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

const shape = v.object({
  /** Channels of the residual stream. */
  width: count,
  /** Recurrent channels and squared ones of each block. */
  blocks: v.array(v.tuple([count, count])),
  /** Bytes of a row of the table. */
  row_width: count,
  /** Of the orders from 2 on: 2^bits rows. */
  table_bits: v.array(count),
})

const section = v.object({
  name: v.string(),
  type: v.picklist(['uint8', 'int8', 'float32']),
  shape: v.array(count),
  offset: count,
})

/** What is read of a net's `model.json`; docs/models.md says what else is in it. */
export const netFileSchema = v.object({
  /** Of arithmetic and layout: another number would be another kernel. */
  contract: v.literal(1),
  id: v.string(),
  shape,
  files: v.record(v.string(), v.object({ bytes: count, sha256 })),
  layout: v.array(section),
})

export type NetFile = v.InferOutput<typeof netFileSchema>
export type NetShape = NetFile['shape']

/** Orders of the n-gram table: the last byte alone is the first. */
export function ordersOf({ table_bits }: NetShape): number {
  return 1 + table_bits.length
}

/** The values of a section of `weights.bin`. @throws TypeError where it has none of this name, type and length */
export function sectionOf<Type extends keyof Sections>(
  { layout }: NetFile,
  weights: Uint8Array,
  name: string,
  type: Type,
  length: number,
): Sections[Type] {
  const found = layout.find((each) => each.name === name)
  const size = found?.shape.reduce((product, each) => product * each, 1)
  if (found?.type !== type || size !== length)
    throw new TypeError(`the net has no section ${name} of ${length} ${type}`)
  const { BYTES_PER_ELEMENT: width } = sectionTypes[type]
  const bytes = weights.subarray(found.offset, found.offset + length * width)
  if (bytes.length !== length * width) throw new TypeError(`the net's section ${name} is cut off`)
  // Longer numbers are copied, since the file's bytes may lie at any address; the table, which is most of a net, is not.
  const { buffer, byteOffset } = width === 1 ? bytes : new Uint8Array(bytes)
  return new sectionTypes[type](buffer as ArrayBuffer, byteOffset, length) as Sections[Type]
}

const sectionTypes = { uint8: Uint8Array, int8: Int8Array, float32: Float32Array } as const

interface Sections {
  readonly uint8: Uint8Array
  readonly int8: Int8Array
  readonly float32: Float32Array
}
