/** Bytes that stand in for a stretch of the archive: they lie in another open file, or elsewhere in the archive's own. */
export interface Patch {
  /** Where in the archive. */
  readonly position: number
  readonly length: number
  readonly descriptor: number
  readonly offset: number
}
