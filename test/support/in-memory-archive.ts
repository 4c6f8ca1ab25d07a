import { type ArchiveSource, diskStorage, type Storage } from '../../src-main/archive/storage'
import { MemorySource } from '../../src-main/format/byte-source'

/** An archive that lies in memory, to be read by this thread alone: whatever path is opened. */
export function memoryStorage(bytes: Uint8Array): Storage {
  const source = new MemorySource(bytes)
  const opened: ArchiveSource = {
    descriptor: -1,
    size: source.size,
    read: (position, length) => source.read(position, length),
    hasShrunk: () => false,
    close: () => undefined,
  }
  return { ...diskStorage, openSource: () => opened }
}
