import type { FrameHeader } from '../format/frame'

/** What an index says of the frame of a block or primer; the frame's own header must say the same. */
export interface IndexedFrame {
  readonly id: number
  /** File offset of the frame header. */
  readonly position: number
  readonly storedLength: number
  readonly rawLength: number
  readonly codec: number
  readonly kind: number
  /** Of a sealed frame, that of the commit which wrote it; see lineage.ts. */
  readonly lineage?: bigint | undefined
}

/** Whether a header is that of this very frame. */
export function isHeaderOf(frame: IndexedFrame, type: number, archiveTag: number, header: FrameHeader): boolean {
  return (
    header.type === type &&
    header.archiveTag === archiveTag &&
    header.id === frame.id &&
    header.codec === frame.codec &&
    header.kind === frame.kind &&
    header.rawLength === frame.rawLength &&
    header.storedLength === frame.storedLength &&
    header.lineage === frame.lineage
  )
}
