import type { TensorType } from '../../contract/tensor'
import { bytesOf, checkedLayout, type Tensor, type TensorLayout } from './layout'
import { bytesAt, NotTensors, type Reading } from './reading'

const magic = '\x93NUMPY'
/** NumPy itself refuses to read longer ones unless it is told to trust the file. */
const longestHeader = 10_000

/** A dictionary as NumPy writes it: three keys in the order of the alphabet; the shape's numbers may be Python 2's. */
const dictionary =
  /^\{'descr': '([<>|=])([a-zA-Z])(\d{1,2})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,16}L?, ?)*(?:\d{1,16}L?)?)\),? *\}\s*$/

const typesByCode: Readonly<Record<string, TensorType>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  c8: 'C64',
  c16: 'C128',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
  b1: 'BOOL',
  // What NumPy makes of bfloat16, of which it knows the length alone.
  V2: 'BF16',
}

/** An .npy file (numpy/lib/format.py, versions 1 to 3): one array behind a header of a few dozen bytes. */
export function* readNpy(size: number): Reading<TensorLayout> {
  return checkedLayout('npy', [yield* readArray(size, 0, size, 'array')], size)
}

/**
 * An array in .npy form within a file.
 * @param size of the whole file
 * @param length of the array with its header
 * @throws NotTensors also for arrays of records, texts and objects
 */
export function* readArray(size: number, start: number, length: number, name: string): Reading<Tensor> {
  const fixed = Buffer.from(yield* bytesAt(size, start, Math.min(12, length)))
  const version = fixed[6] ?? 0
  if (fixed.length < 12 || fixed.toString('latin1', 0, 6) !== magic || version < 1 || version > 3) {
    throw new NotTensors('not an array of NumPy')
  }
  const [headerStart, headerLength] = version === 1 ? [10, fixed.readUInt16LE(8)] : [12, fixed.readUInt32LE(8)]
  if (headerLength > longestHeader || headerStart + headerLength > length)
    throw new NotTensors('its header is too long')
  const header = Buffer.from(yield* bytesAt(size, start + headerStart, headerLength)).toString('latin1')
  const [, order, kind, width, isFortran, sides] = dictionary.exec(header) ?? []
  const type = typesByCode[`${kind ?? ''}${width ?? ''}`]
  if (sides === undefined || type === undefined) throw new NotTensors('an array of something else')
  const shape = [...sides.matchAll(/\d+/g)].map(([side]) => Number(side))
  const bytes = bytesOf(type, shape)
  const dataStart = headerStart + headerLength
  if (bytes > length - dataStart) throw new NotTensors('there are fewer bytes than elements')
  return {
    name,
    type,
    shape,
    offset: start + dataStart,
    bytes,
    ...(isFortran === 'True' && shape.length > 1 ? { isColumnMajor: true } : {}),
    ...(order === '>' ? { isBigEndian: true } : {}),
  }
}
