import { planRun } from '../../src-main/archive/protection/plan-run'
import { writeRun } from '../../src-main/archive/protection/write-run'
import { type ArchiveSink, type ArchiveSource, diskStorage, type Storage } from '../../src-main/archive/storage'
import { MemorySource } from '../../src-main/format/byte-source'
import { encodeFooter, type Footer, footerHash, readFooter } from '../../src-main/format/footer'
import { decodeFrameHeader, encodeFrameHeader, frameHeaderLength } from '../../src-main/format/frame'
import { ParityRun, type RunDescription } from '../../src-main/format/parity/run'

/** How parity is cut; all but the length of cells as lmz would for `strong`, unless it is given. */
export type CraftedParity = Pick<RunDescription, 'cellLength'> &
  Partial<Pick<RunDescription, 'segments' | 'groups' | 'wide'>>

/**
 * An archive that lies in memory with what docs/format.md ("Parity", "Writing") says behind it: parity for all that has none yet, the index
 * once more, and the footer that names both.
 */
export async function protectCrafted(
  archive: Buffer,
  footerPosition: number,
  { cellLength, ...shape }: CraftedParity,
): Promise<{ readonly bytes: Buffer; readonly footerPosition: number }> {
  const footer = readFooter(new MemorySource(archive), footerPosition)
  if (footer === undefined) throw new TypeError(`no footer at byte ${footerPosition}`)
  const { archiveId, parity: before } = footer
  const range = {
    archiveId,
    from: before === undefined ? 0 : before.position + before.length,
    position: archive.length,
    previous: before ?? { position: 0, hash: new Uint8Array(16) },
  }
  const planned = planRun(range, 'strong', cellLength)
  const run = new ParityRun({ ...planned.description, ...shape })
  const sink = new MemorySink()
  const source = new MemorySource(archive)
  await writeRun(sink, { run, source, commit: footer.sequence + 1, storage: memoryFiles(), path: '/parity' })
  const { position, length } = footer.index
  const frame = archive.subarray(position, position + length)
  const header = decodeFrameHeader(frame)
  if (header === undefined) throw new TypeError(`no index at byte ${position}`)
  const repeated: Footer = {
    ...footer,
    sequence: footer.sequence + 1,
    index: { ...footer.index, position: run.end },
    previous: { position: footer.position, hash: footerHash(footer) },
    position: run.end + length,
    parity: { position: archive.length, length: run.end - archive.length, hash: run.hash },
  }
  await sink.append(
    encodeFrameHeader({ ...header, id: repeated.sequence }),
    frame.subarray(frameHeaderLength),
    encodeFooter(repeated),
  )
  return { bytes: Buffer.concat([archive, sink.content()]), footerPosition: repeated.position }
}

/** Files that are written and read in memory, for what waits beside an archive. */
function memoryFiles(): Storage {
  const files = new Map<string, MemorySink>()
  return {
    ...diskStorage,
    createSink: (path) => {
      const sink = new MemorySink()
      files.set(path, sink)
      return Promise.resolve(sink)
    },
    openSource: (path) => sourceOf(files.get(path)?.content() ?? Buffer.alloc(0)),
    remove: () => Promise.resolve(),
  }
}

class MemorySink implements ArchiveSink {
  readonly #parts: Buffer[] = []
  position = 0

  append(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      // What is handed over may be a view of memory that is used again.
      this.#parts.push(Buffer.from(part))
      this.position += part.length
    }
    return Promise.resolve()
  }

  content(): Buffer {
    return Buffer.concat(this.#parts)
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  truncate(): Promise<void> {
    return Promise.reject(new TypeError('nothing of it is taken back'))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function sourceOf(bytes: Buffer): ArchiveSource {
  const source = new MemorySource(bytes)
  const read = (position: number, length: number): Uint8Array => source.read(position, length)
  return { descriptor: -1, size: source.size, read, hasShrunk: () => false, close: () => undefined }
}
