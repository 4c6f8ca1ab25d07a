import { bytesAt, NotTensors, type Reading, safeNumber, utf8 } from './reading'

/** A file in a zip archive, as the archive's directory has it. */
export interface ZipMember {
  readonly name: string
  /** Whether its bytes stand there as they are. */
  readonly isStored: boolean
  /** Bytes it takes in the archive. */
  readonly length: number
  readonly headerOffset: number
  /** Whether its length and checksum come behind it once more. */
  readonly hasDescriptor: boolean
  readonly nameLength: number
  /** Where what comes behind it begins: the next member, or the directory. */
  readonly next: number
}

const endLength = 22
const longestComment = 65_535
const locatorLength = 20
const none32 = 0xffff_ffff
const localHeaderLength = 30

/**
 * The directory of a zip archive by APPNOTE.TXT (sections 4.3.12 to 4.3.16), with ZIP64; members by their offset.
 * @throws NotTensors for anything out of the ordinary: several disks, overlapping or encrypted members
 */
export function* readZipDirectory(size: number): Reading<readonly ZipMember[]> {
  const { offset: directoryOffset, length, count } = yield* findDirectory(size)
  const bytes = Buffer.from(yield* bytesAt(size, directoryOffset, length))
  const members: (Omit<ZipMember, 'next'> & { next: number })[] = []
  let at = 0
  for (let number = 0; number < count; number++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw new NotTensors('a damaged directory')
    const flags = bytes.readUInt16LE(at + 8)
    const method = bytes.readUInt16LE(at + 10)
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field))
    const end = at + 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0)
    if (end > bytes.length || (flags & 1) !== 0) throw new NotTensors('a damaged directory')
    const extraAt = at + 46 + (nameLength ?? 0)
    const { length, headerOffset } = lengthsOf(bytes, at, bytes.subarray(extraAt, extraAt + (extraLength ?? 0)))
    members.push({
      name: utf8(bytes.subarray(at + 46, extraAt)),
      isStored: method === 0,
      length,
      headerOffset,
      hasDescriptor: (flags & 8) !== 0,
      nameLength: nameLength ?? 0,
      next: directoryOffset,
    })
    at = end
  }
  members.sort((left, right) => left.headerOffset - right.headerOffset)
  members.forEach((member, number) => {
    member.next = members[number + 1]?.headerOffset ?? directoryOffset
    const shortest = member.headerOffset + localHeaderLength + member.nameLength + member.length
    if (!(shortest <= member.next)) throw new NotTensors('members overlap')
  })
  return members
}

/**
 * Where a member's bytes begin, by its own header. @throws NotTensors */
export function* dataStartOf(size: number, member: ZipMember): Reading<number> {
  const header = Buffer.from(yield* bytesAt(size, member.headerOffset, localHeaderLength))
  if (header.readUInt32LE(0) !== 0x04034b50) throw new NotTensors('a member without a header')
  const start = member.headerOffset + localHeaderLength + header.readUInt16LE(26) + header.readUInt16LE(28)
  if (start + member.length > member.next) throw new NotTensors('members overlap')
  return start
}

/**
 * Where the bytes of a member begin that PyTorch wrote, told without reading anything there, or else by its own header: it fills
 * headers up so that each storage begins at a multiple of 64, and a descriptor of 16 or 24 bytes is all that comes behind one
 * (caffe2/serialize/inline_container.cc).
 */
export function* alignedDataStart(size: number, member: ZipMember): Reading<number> {
  const earliest = member.headerOffset + localHeaderLength + member.nameLength
  for (const behind of member.hasDescriptor ? [16, 24] : [0]) {
    const start = member.next - behind - member.length
    if (start % 64 === 0 && start >= earliest && start - earliest <= 0xffff) return start
  }
  return yield* dataStartOf(size, member)
}

interface Directory {
  readonly offset: number
  readonly length: number
  readonly count: number
}

function* findDirectory(size: number): Reading<Directory> {
  const length = Math.min(size, endLength + longestComment + locatorLength)
  const tail = Buffer.from(yield* bytesAt(size, size - length, length))
  for (let at = length - endLength; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50 || at + endLength + tail.readUInt16LE(at + 20) !== length) continue
    const [count, directoryLength, offset] = [
      tail.readUInt16LE(at + 10),
      tail.readUInt32LE(at + 12),
      tail.readUInt32LE(at + 16),
    ]
    const isPlain = count !== 0xffff && directoryLength !== none32 && offset !== none32
    if (isPlain) return { offset, length: directoryLength, count }
    const locatorAt = at - locatorLength
    if (locatorAt < 0 || tail.readUInt32LE(locatorAt) !== 0x07064b50) return { offset, length: directoryLength, count }
    return yield* readLargeEnd(size, safeNumber(tail.readBigUInt64LE(locatorAt + 8)))
  }
  throw new NotTensors('no directory')
}

/** The ZIP64 end of the directory. */
function* readLargeEnd(size: number, offset: number): Reading<Directory> {
  const end = Buffer.from(yield* bytesAt(size, offset, 56))
  if (end.readUInt32LE(0) !== 0x06064b50) throw new NotTensors('no directory')
  const [count, length, start] = [32, 40, 48].map((field) => safeNumber(end.readBigUInt64LE(field)))
  if (count === undefined || length === undefined || start === undefined) throw new NotTensors('no directory')
  return { offset: start, length, count }
}

/** A member's length and offset, from the ZIP64 field where they do not fit 32 bits. */
function lengthsOf(directory: Buffer, at: number, extra: Buffer): { length: number; headerOffset: number } {
  let [length, headerOffset] = [directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)]
  const isRawLarge = directory.readUInt32LE(at + 24) === none32
  if (length !== none32 && headerOffset !== none32) return { length, headerOffset }
  for (let field = 0; field + 4 <= extra.length;) {
    const [id, fieldLength] = [extra.readUInt16LE(field), extra.readUInt16LE(field + 2)]
    let next = field + 4
    field = next + fieldLength
    if (id !== 1 || field > extra.length) continue
    const take = (): number => {
      if (next + 8 > field) throw new NotTensors('a damaged directory')
      next += 8
      return safeNumber(extra.readBigUInt64LE(next - 8))
    }
    if (isRawLarge) take()
    if (length === none32) length = take()
    if (headerOffset === none32) headerOffset = take()
    return { length, headerOffset }
  }
  throw new NotTensors('a damaged directory')
}
