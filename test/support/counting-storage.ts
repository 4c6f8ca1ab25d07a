import { diskStorage, type Storage } from '../../src-main/archive/storage'

/** The disk, and how many bytes of archives are read from it by this thread. */
export function countingStorage(): { readonly storage: Storage; readonly bytesRead: () => number } {
  let bytesRead = 0
  const openSource: Storage['openSource'] = (path) => {
    const source = diskStorage.openSource(path)
    const read = (position: number, length: number): Uint8Array => {
      bytesRead += length
      return source.read(position, length)
    }
    return {
      descriptor: source.descriptor,
      size: source.size,
      read,
      hasShrunk: () => source.hasShrunk(),
      close: () => source.close(),
    }
  }
  return { storage: { ...diskStorage, openSource }, bytesRead: () => bytesRead }
}
