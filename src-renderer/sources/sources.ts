/** How far an upload is, in bytes and files. */
export interface UploadProgress {
  readonly files: number
  readonly filesTotal: number
  readonly bytes: number
  readonly bytesTotal: number
  readonly current: string
}

export interface SourcesOptions {
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Turns what was dropped or chosen into absolute paths that the engine can read; in a browser it is uploaded first.
 * @throws LmzError `Cancelled`, `Io`, `NoSpace`
 */
export type Sources = (input: DataTransfer | FileList, options?: SourcesOptions) => Promise<readonly string[]>
