import { type ArchiveSource, diskStorage, type Storage } from '../../src-main/archive/storage'
import { MemorySource } from '../../src-main/format/byte-source'

/** An archive in memory, for tests that open it a million times. It has no descriptor: only what reads in this thread can read it. */
export function storageOf(bytes: Uint8Array): Storage {
  const openSource = (): ArchiveSource => {
    const source = new MemorySource(bytes)
    return {
      size: source.size,
      descriptor: -1,
      read: (position, length) => source.read(position, length),
      hasShrunk: () => false,
      close: () => undefined,
    }
  }
  return { ...diskStorage, openSource }
}
