import { LmzError, type LmzErrorData, lmzErrorCodes } from '../../src-main/contract/error'
import { droppedFiles } from './dropped-files'
import type { Sources, UploadProgress } from './sources'

/** In a browser, what is dropped is streamed into a folder of the shell's; the paths are those below it. */
export function uploadSources(newUpload: () => Promise<{ readonly id: string; readonly folder: string }>): Sources {
  return async (input, { onProgress, signal } = {}) => {
    const dropped = await droppedFiles(input)
    if (dropped.roots.length === 0) return []
    const { id, folder } = await newUpload()
    const bytesTotal = dropped.files.reduce((sum, { file }) => sum + file.size, 0)
    let bytes = 0
    for (const [files, { path, file }] of dropped.files.entries()) {
      const report = (sent: number): void => {
        const progress: UploadProgress = {
          files,
          filesTotal: dropped.files.length,
          bytes: bytes + sent,
          bytesTotal,
          current: path,
        }
        onProgress?.(progress)
      }
      report(0)
      await send(uploadAddress(id, path), file, report, signal)
      bytes += file.size
    }
    // A folder is named by a "/" at the end of its address.
    for (const path of dropped.emptyFolders) await send(`${uploadAddress(id, path)}/`, undefined, () => {}, signal)
    const separator = folder.includes('\\') ? '\\' : '/'
    return dropped.roots.map((root) => folder + separator + root)
  }
}

/** Each part is encoded by itself, so that a "/" or "?" in a name stays one. */
export function uploadAddress(id: string, path: string): string {
  return `/upload/${[id, ...path.split('/')].map(encodeURIComponent).join('/')}`
}

/** With XMLHttpRequest, for fetch does not tell how much of a body has been sent. */
function send(
  address: string,
  body: File | undefined,
  onSent: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = (): LmzError => new LmzError('Cancelled', 'Cancelled. Nothing was changed.')
    if (signal?.aborted === true) {
      reject(cancelled())
      return
    }
    const request = new XMLHttpRequest()
    const abort = (): void => request.abort()
    signal?.addEventListener('abort', abort, { once: true })
    request.addEventListener('loadend', () => signal?.removeEventListener('abort', abort))
    request.addEventListener('abort', () => reject(cancelled()))
    request.addEventListener('error', () =>
      reject(new LmzError('Io', `${body?.name ?? 'A folder'} could not be read or sent. Nothing was changed.`)),
    )
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(refusal(request.status, request.responseText, body?.name ?? 'A folder'))
    })
    request.upload.addEventListener('progress', ({ loaded }) => onSent(loaded))
    request.open('POST', address)
    // Or the archive would tell the time of the upload.
    if (body !== undefined) request.setRequestHeader('lmz-modified', String(body.lastModified))
    request.send(body ?? null)
  })
}

/** The shell says in the body what is wrong; anything else comes from somewhere in between. */
export function refusal(status: number, body: string, name: string): LmzError {
  try {
    const { code, message, subject } = JSON.parse(body) as LmzErrorData
    if (lmzErrorCodes.includes(code)) return LmzError.fromData({ code, message, subject })
  } catch {
    // No JSON: the status has to do.
  }
  return new LmzError('Io', `${name} could not be taken over (answer ${status}). Nothing was changed.`)
}
