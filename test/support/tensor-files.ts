import { crc32 } from 'node:zlib'
import { type TensorType, tensorTypes } from '../../src-main/contract/tensor'

/** A tensor to be put into a file. */
export interface TensorToWrite {
  readonly name: string
  readonly type: TensorType
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

function u32(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number >>> 0)
  return bytes
}

function u16(number: number): Buffer {
  return u32(number).subarray(0, 2)
}

function u64(number: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(number))
  return bytes
}

function padded(bytes: Uint8Array, unit: number, filler = 0): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((unit - (bytes.length % unit)) % unit, filler)])
}

/** As safetensors' own `serialize` writes it: the header is filled up with spaces to a multiple of 8. */
export function safetensorsFile(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Buffer {
  let at = 0
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata }
  for (const { name, type, shape, data } of tensors) {
    header[name] = { dtype: type, shape, data_offsets: [at, at + data.length] }
    at += data.length
  }
  return rawSafetensors(JSON.stringify(header), Buffer.concat(tensors.map(({ data }) => data)))
}

export function rawSafetensors(header: string, data: Uint8Array): Buffer {
  const text = padded(Buffer.from(header), 8, 0x20)
  return Buffer.concat([u64(text.length), text, data])
}

const ggmlNumbers: Partial<Record<TensorType, number>> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8, Q4_K: 12, BF16: 30 }

/** GGUF 3 with a little metadata of each sort. */
export function ggufFile(tensors: readonly TensorToWrite[], { version = 3, alignment = 32 } = {}): Buffer {
  const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
  const pairs = [
    Buffer.concat([text('general.architecture'), u32(8), text('llama')]),
    Buffer.concat([text('general.alignment'), u32(4), u32(alignment)]),
    Buffer.concat([text('llama.scale'), u32(12), Buffer.alloc(8)]),
    Buffer.concat([text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(3), text('a'), text('é'), text('')]),
    Buffer.concat([text('tokenizer.ggml.scores'), u32(9), u32(6), u64(2), Buffer.alloc(8)]),
  ]
  let at = 0
  const descriptions = tensors.map(({ name, type, shape, data }) => {
    const offset = at
    at += padded(data, alignment).length
    const sides = [...shape].reverse().map(u64)
    return Buffer.concat([text(name), u32(shape.length), ...sides, u32(ggmlNumbers[type] ?? 99), u64(offset)])
  })
  const head = [Buffer.from('GGUF'), u32(version), u64(tensors.length), u64(pairs.length), ...pairs, ...descriptions]
  return Buffer.concat([padded(Buffer.concat(head), alignment), ...tensors.map(({ data }) => padded(data, alignment))])
}

const numpyCodes: Partial<Record<TensorType, string>> = {
  F64: '<f8',
  F32: '<f4',
  F16: '<f2',
  BF16: '<V2',
  I64: '<i8',
  I32: '<i4',
  U8: '|u1',
  BOOL: '|b1',
}

/** As `numpy.save` writes it. */
export function npyFile({ type, shape, data }: TensorToWrite, { order = 'False' } = {}): Buffer {
  const sides = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(', ')
  return rawNpy(`{'descr': '${numpyCodes[type] ?? '?'}', 'fortran_order': ${order}, 'shape': (${sides}), }`, data)
}

export function rawNpy(header: string, data: Uint8Array): Buffer {
  const length = Math.ceil((10 + header.length + 1) / 64) * 64
  const text = `${header.padEnd(length - 11)}\n`
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), u16(text.length), Buffer.from(text), data])
}

export interface ZipMemberToWrite {
  readonly name: string
  readonly data: Uint8Array
  /** Whether a descriptor comes behind it, and its header is filled up to begin its bytes at a multiple of 64, as PyTorch does. */
  readonly isAligned?: boolean
  readonly method?: number
}

/** A zip archive of stored members. */
export function zipFile(members: readonly ZipMemberToWrite[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, data, isAligned = false, method = 0 } of members) {
    const nameBytes = Buffer.from(name)
    const toFill = isAligned ? (64 - ((at + 34 + nameBytes.length) % 64)) % 64 : 0
    const extra = isAligned
      ? Buffer.concat([Buffer.from('FB'), u16(toFill), Buffer.alloc(toFill, 'Z')])
      : Buffer.alloc(0)
    const sums = [u32(crc32(data)), u32(data.length), u32(data.length)]
    const common = [u16(isAligned ? 0x808 : 0x800), u16(method), u32(0)]
    const known = isAligned ? [Buffer.alloc(12)] : sums
    const lengths = [u16(nameBytes.length), u16(extra.length)]
    const member = [u32(0x04034b50), u16(20), ...common, ...known, ...lengths, nameBytes, extra, Buffer.from(data)]
    const descriptor = isAligned ? [u32(0x08074b50), ...sums] : []
    const entry = [
      u32(0x02014b50),
      u16(20),
      u16(20),
      ...common,
      ...sums,
      u16(nameBytes.length),
      Buffer.alloc(12),
      u32(at),
    ]
    directory.push(Buffer.concat([...entry, nameBytes]))
    const bytes = Buffer.concat([...member, ...descriptor])
    parts.push(bytes)
    at += bytes.length
  }
  const entries = Buffer.concat(directory)
  const count = u16(members.length)
  return Buffer.concat([
    ...parts,
    entries,
    u32(0x06054b50),
    Buffer.alloc(4),
    count,
    count,
    u32(entries.length),
    u32(at),
    u16(0),
  ])
}

/** As `numpy.savez` writes it. */
export function npzFile(tensors: readonly TensorToWrite[]): Buffer {
  return zipFile(tensors.map((tensor) => ({ name: `${tensor.name}.npy`, data: npyFile(tensor) })))
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function varint(number: number): Buffer {
  const bytes: number[] = []
  for (; number >= 128; number = Math.floor(number / 128)) bytes.push((number % 128) + 128)
  return Buffer.from([...bytes, number])
}

const onnxNumbers: Partial<Record<TensorType, number>> = { F32: 1, U8: 2, I64: 7, F16: 10, BF16: 16 }

/** An ONNX model of a graph with a node and initializers. */
export function onnxFile(tensors: readonly TensorToWrite[]): Buffer {
  const initializers = tensors.map(({ name, type, shape, data }) => {
    const sides = shape.map((side) => Buffer.concat([varint(8), varint(side)]))
    const dataType = Buffer.concat([varint(16), varint(onnxNumbers[type] ?? 99)])
    return field(5, Buffer.concat([...sides, dataType, field(8, Buffer.from(name)), field(9, data)]))
  })
  const node = field(1, Buffer.concat([field(1, Buffer.from('x')), field(4, Buffer.from('Gemm'))]))
  const graph = field(7, Buffer.concat([node, field(2, Buffer.from('graph')), ...initializers]))
  return Buffer.concat([Buffer.from([8, 10]), field(2, Buffer.from('maker')), graph])
}

const storageNames: Partial<Record<TensorType, string>> = {
  F32: 'FloatStorage',
  BF16: 'BFloat16Storage',
  I64: 'LongStorage',
}

/** The pickle of `{'model': OrderedDict(tensors), 'step': 7}` as Python writes it for torch.save. */
export function stateDictPickle(tensors: readonly TensorToWrite[]): Buffer {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from('X'), u32(Buffer.byteLength(value)), Buffer.from(value)])
  const number = (value: number): Buffer => Buffer.concat([Buffer.from('J'), u32(value)])
  const tuple = (values: readonly number[]): Buffer =>
    Buffer.concat([Buffer.from('('), ...values.map(number), Buffer.from('t')])
  const pairs = tensors.map(({ name, type, shape }, storage) => {
    const elements = shape.reduce((product, side) => product * side, 1)
    const strides = shape.map((_side, at) => shape.slice(at + 1).reduce((product, side) => product * side, 1))
    return Buffer.concat([
      text(name),
      Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n(('),
      text('storage'),
      Buffer.from(`ctorch\n${storageNames[type] ?? 'NoStorage'}\n`),
      text(String(storage)),
      text('cpu'),
      number(elements),
      Buffer.from('tQK\x00'),
      tuple(shape),
      tuple(strides),
      Buffer.from('\x89ccollections\nOrderedDict\n)RtR', 'latin1'),
    ])
  })
  const ordered = Buffer.concat([Buffer.from('ccollections\nOrderedDict\n)R('), ...pairs, Buffer.from('u')])
  return Buffer.concat([
    Buffer.from('\x80\x02}q\x00(', 'latin1'),
    text('model'),
    ordered,
    text('step'),
    number(7),
    Buffer.from('u.'),
  ])
}

/** As torch.save writes it. */
export function pytorchFile(tensors: readonly TensorToWrite[], pickle = stateDictPickle(tensors)): Buffer {
  const storages = tensors.map(({ data }, number) => ({ name: `run/data/${number}`, data, isAligned: true }))
  return zipFile([
    { name: 'run/data.pkl', data: pickle, isAligned: true },
    { name: 'run/byteorder', data: Buffer.from('little'), isAligned: true },
    ...storages,
    { name: 'run/version', data: Buffer.from('3\n'), isAligned: true },
  ])
}

/** A tensor of that shape with numbers around zero, as weights are; bytes of other types are random. */
export function weights(name: string, type: TensorType, shape: readonly number[], share: () => number): TensorToWrite {
  const { elements, bytes } = tensorTypes[type]
  const count = shape.reduce((product, side) => product * side, 1)
  const data = Buffer.alloc((count / elements) * bytes)
  const normal = (): number => (share() + share() + share() + share() - 2) * 0.05
  const single = Buffer.alloc(4)
  for (let at = 0; at < data.length; at += bytes) {
    if (type === 'I32') data.writeUInt32LE(Math.floor(share() * 2 ** 32), at)
    else if (type === 'F32') data.writeFloatLE(normal(), at)
    else if (type === 'F64') data.writeDoubleLE(normal(), at)
    else if (type === 'BF16') {
      single.writeFloatLE(normal())
      single.copy(data, at, 2, 4)
    } else for (let byte = 0; byte < bytes; byte++) data[at + byte] = Math.floor(share() * 256)
  }
  return { name, type, shape, data }
}
