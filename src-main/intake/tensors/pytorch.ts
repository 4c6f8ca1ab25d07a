import { type TensorType, tensorTypes } from '../../contract/tensor'
import { checkedLayout, elementsOf, longestName, mostTensors, type Tensor, type TensorLayout } from './layout'
import { type Pickled, type PickledNode, readPickle } from './pickle'
import { bytesAt, NotTensors, type Reading } from './reading'
import { alignedDataStart, dataStartOf, type ZipMember } from './zip-directory'

/** What a storage of PyTorch holds, by the name of its class. */
const typesByStorage: Readonly<Record<string, TensorType>> = {
  'torch DoubleStorage': 'F64',
  'torch FloatStorage': 'F32',
  'torch HalfStorage': 'F16',
  'torch BFloat16Storage': 'BF16',
  'torch ComplexFloatStorage': 'C64',
  'torch ComplexDoubleStorage': 'C128',
  'torch LongStorage': 'I64',
  'torch IntStorage': 'I32',
  'torch ShortStorage': 'I16',
  'torch CharStorage': 'I8',
  'torch ByteStorage': 'U8',
  'torch BoolStorage': 'BOOL',
}

interface Storage {
  readonly offset: number
  readonly length: number
}

/** A tensor by the description of it: its storage's name, and where it begins there, counted in elements. */
interface Description {
  readonly name: string
  readonly storage: string
  readonly type: TensorType
  readonly start: number
  readonly shape: readonly number[]
}

const pickleName = /^([^/]+\/)?data\.pkl$/
/** Values of a description that are looked at, at most. */
const mostNodes = 4_000_000

/** Whether a zip archive is one that torch.save writes. */
export function isPyTorch(members: readonly ZipMember[]): boolean {
  return members.some(({ name }) => pickleName.test(name))
}

/**
 * A checkpoint that torch.save wrote: a zip archive of storages, and a pickle that says which tensors are in them. The pickle is read
 * and never obeyed. Where it says something else than what torch.save writes, the storages are listed as bytes.
 */
export function* readPyTorch(size: number, members: readonly ZipMember[]): Reading<TensorLayout> {
  const pickle = members.find(({ name }) => pickleName.test(name))
  if (pickle === undefined) throw new NotTensors('no pickle')
  const folder = `${pickle.name.slice(0, -'data.pkl'.length)}data/`
  const storages = new Map<string, Storage>()
  for (const member of members) {
    if (!member.isStored || !member.name.startsWith(folder) || member.length === 0) continue
    if (storages.size === mostTensors) throw new NotTensors('too many storages')
    const offset = yield* alignedDataStart(size, member)
    storages.set(member.name.slice(folder.length), { offset, length: member.length })
  }
  const tensors = yield* describedTensors(size, pickle, storages)
  if (tensors !== undefined) {
    try {
      return checkedLayout('pytorch', withUnnamed(tensors, storages, folder), size)
    } catch (thrown) {
      if (!(thrown instanceof NotTensors)) throw thrown
    }
  }
  return checkedLayout('pytorch', withUnnamed([], storages, folder), size)
}

function* describedTensors(
  size: number,
  pickle: ZipMember,
  storages: ReadonlyMap<string, Storage>,
): Reading<readonly Tensor[] | undefined> {
  if (!pickle.isStored) return undefined
  const bytes = yield* bytesAt(size, yield* dataStartOf(size, pickle), pickle.length)
  try {
    return descriptionsIn(readPickle(bytes)).map((description) => placed(description, storages))
  } catch (thrown) {
    if (thrown instanceof NotTensors) return undefined
    throw thrown
  }
}

function placed({ name, storage, type, start, shape }: Description, storages: ReadonlyMap<string, Storage>): Tensor {
  const place = storages.get(storage)
  const bytes = elementsOf(shape) * tensorTypes[type].bytes
  const from = start * tensorTypes[type].bytes
  if (bytes === 0) return { name, type, shape, offset: place?.offset ?? 0, bytes }
  if (place === undefined || !(from + bytes <= place.length)) throw new NotTensors('a tensor outside of its storage')
  return { name, type, shape, offset: place.offset + from, bytes }
}

/** Storages, by their offsets, that no tensor lies in are listed too, as bytes. */
function withUnnamed(
  tensors: readonly Tensor[],
  storages: ReadonlyMap<string, Storage>,
  folder: string,
): readonly Tensor[] {
  const starts = Float64Array.from(tensors, ({ offset }) => offset).sort()
  const unnamed: Tensor[] = []
  let next = 0
  for (const [name, { offset, length }] of storages) {
    while ((starts[next] ?? Infinity) < offset) next++
    if ((starts[next] ?? Infinity) < offset + length) continue
    unnamed.push({ name: `${folder}${name}`, type: 'U8', shape: [length], offset, bytes: length })
  }
  return [...tensors, ...unnamed]
}

/** Every tensor of a description, named by the keys that lead to it; the first name of each that has several. */
function descriptionsIn(root: Pickled): readonly Description[] {
  const found: Description[] = []
  const seen = new Set<PickledNode>()
  const ahead: { readonly value: Pickled; readonly name: string }[] = [{ value: root, name: '' }]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const { value, name } = next
    if (typeof value !== 'object' || seen.has(value)) continue
    // Keys of a few megabytes, one in the other, would come to more than a string can hold.
    if (name.length > longestName) throw new NotTensors('a name is too long')
    if (seen.add(value).size > mostNodes || found.length > mostTensors) throw new NotTensors('too many values')
    const description = descriptionOf(value, name)
    if (description !== undefined) {
      found.push(description)
      continue
    }
    const parts = partsOf(value)
    for (let at = parts.length - 1; at >= 0; at--) {
      const [key, part] = parts[at] ?? []
      const keyText = typeof key === 'string' || typeof key === 'number' ? String(key) : '?'
      if (typeof part === 'object') ahead.push({ value: part, name: name === '' ? keyText : `${name}.${keyText}` })
    }
  }
  return found
}

function partsOf(node: PickledNode): readonly (readonly [Pickled, Pickled])[] {
  switch (node.kind) {
    case 'dictionary':
      return node.pairs
    case 'list':
      return node.items.map((item, number) => [number, item] as const)
    case 'call':
      // The arguments of what makes a parameter hold its tensor.
      return nameOf(node.callee)?.startsWith('torch._utils _rebuild_parameter') === true && isList(node.argument)
        ? [['data', node.argument.items[0]]]
        : node.pairs
    default:
      return []
  }
}

/** `torch._utils._rebuild_tensor_v2(storage, start, shape, strides, …)`, the storage being `('storage', class, name, place, length)`. */
function descriptionOf(node: PickledNode, name: string): Description | undefined {
  if (node.kind !== 'call' || nameOf(node.callee) !== 'torch._utils _rebuild_tensor_v2' || !isList(node.argument))
    return undefined
  const [outside, start, sides, strides] = node.argument.items
  const storage =
    typeof outside === 'object' && outside.kind === 'outside' && isList(outside.id) ? outside.id.items : []
  const type = typesByStorage[nameOf(storage[1]) ?? '']
  const shape = numbersOf(sides)
  const steps = numbersOf(strides)
  if (type === undefined || typeof storage[2] !== 'string' || typeof start !== 'number' || start < 0) return refused()
  if (shape === undefined || steps?.length !== shape.length) return refused()
  const isContiguous = isInOrder(shape, steps)
  const bounds = { name, storage: storage[2], type, start }
  return isContiguous ? { ...bounds, shape } : refused()
}

function refused(): never {
  throw new NotTensors('a tensor that does not lie in one stretch')
}

/** Whether the last side varies fastest and no element is passed over. */
function isInOrder(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1
  for (let side = shape.length - 1; side >= 0; side--) {
    const length = shape[side] ?? 0
    if (length > 1 && strides[side] !== step) return false
    step *= length
  }
  return true
}

function numbersOf(value: Pickled): readonly number[] | undefined {
  if (!isList(value)) return undefined
  const numbers = value.items.filter((item) => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)
  return numbers.length === value.items.length ? (numbers as readonly number[]) : undefined
}

function isList(value: Pickled): value is Extract<PickledNode, { kind: 'list' }> {
  return typeof value === 'object' && value.kind === 'list'
}

function nameOf(value: Pickled): string | undefined {
  return typeof value === 'object' && value.kind === 'global' ? value.name : undefined
}
