import * as v from 'valibot'
import { maximumBlockSize, minimumBlockSize, presetNames } from './preset'

/** Which shell the window is in. */
export type ShellKind = 'desktop' | 'web'

export interface ShellFacts {
  readonly kind: ShellKind
  readonly version: string
  readonly platform: 'linux' | 'darwin' | 'win32'
  /** The user's folder, where new archives go if nothing else is known. */
  readonly home: string
  readonly pathSeparator: '/' | '\\'
}

export interface RecentArchive {
  readonly path: string
  readonly name: string
  /** Undefined where it is not to be found now. */
  readonly bytes?: number | undefined
  readonly openedMs: number
}

/** More than any computer this is for has cores for. */
export const mostThreads = 64

export const settingsSchema = v.strictObject({
  preset: v.picklist(presetNames),
  /** Bytes; undefined for what the preset says. */
  blockSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimumBlockSize), v.maxValue(maximumBlockSize))),
  language: v.picklist(['system', 'en', 'de']),
  theme: v.picklist(['system', 'light', 'dark']),
  /** Worker threads; 0 for as many as there are cores. */
  threads: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(mostThreads)),
  compactRows: v.boolean(),
})
export type Settings = v.InferOutput<typeof settingsSchema>

export const defaultSettings: Settings = {
  preset: 'balanced',
  language: 'system',
  theme: 'system',
  threads: 0,
  compactRows: false,
}

/** A file or folder of the computer, for choosing one where no dialog of the system can be had. */
export interface DiskItem {
  readonly name: string
  readonly path: string
  readonly isDirectory: boolean
  readonly bytes?: number | undefined
  readonly mtimeMs?: number | undefined
}

export interface DiskFolder {
  readonly path: string
  /** Undefined at the top. */
  readonly parent?: string | undefined
  readonly items: readonly DiskItem[]
}

/** What choosing a path may be about. */
export type ChoiceKind = 'sources' | 'archive' | 'saveArchive' | 'folder'

/**
 * What a window can ask of the shell it is in, beside the engine. Every call fails with LmzErrorData as data. Paths are absolute.
 */
export interface ShellApi {
  facts(): ShellFacts
  /** The system's own dialog; undefined where there is none (the web shell), and the window must ask with {@link listFolder}. */
  choose(kind: ChoiceKind, suggestion?: string): Promise<{ readonly paths: readonly string[] } | undefined>
  listFolder(path: string | undefined): Promise<DiskFolder>
  /** Whether something stands at a path. */
  exists(path: string): Promise<boolean>

  recent(): Promise<readonly RecentArchive[]>
  forget(path: string): Promise<void>
  settings(): Promise<Settings>
  changeSettings(settings: Settings): Promise<Settings>

  /** Tells the shell what the window shows, for its title, the recent archives and the state of the system's task bar. */
  showing(archive: string | undefined): Promise<void>
  /** Shows a file or folder in the system's file manager. */
  reveal(path: string): Promise<void>
  /**
   * Takes a file out to a private folder and opens it with its default program. Refuses what would run as a program unless `confirmed`.
   * In the web shell the file is offered as a download instead.
   * @returns `needsConfirmation` where it has not been opened for that reason; `download` an address
   */
  openEntry(
    handle: number,
    entry: number,
    confirmed: boolean,
  ): Promise<
    { readonly result: 'opened' | 'needsConfirmation' } | { readonly result: 'download'; readonly url: string }
  >
  /** An address from which the browser can fetch a file of an open archive: for dragging out in the web shell. */
  entryUrl(handle: number, entry: number): Promise<string | undefined>
  /** Starts dragging entries out of the window (desktop). */
  dragOut(handle: number, entries: readonly number[]): Promise<void>
  /** A folder of its own for files dropped on a page, which are then uploaded into it (web). @returns its name for {@link UploadApi} */
  newUpload(): Promise<{ readonly id: string; readonly folder: string }>
  openWindow(archive: string | undefined): Promise<void>
  closeWindow(): Promise<void>
}

/** What the paths handed over are known to be; where it is not said, their names tell. */
export type HandedOverAs = 'archives' | 'sources'

/** What the shell tells a window without being asked. */
export interface ShellEvents {
  /** Archives to open or files to pack that were handed to the app: double-clicked, dropped on its icon, named on the command line. */
  openRequested(paths: readonly string[], as?: HandedOverAs): void
  /** The engine's process ended unexpectedly, and another one has been started: open archives must be opened again. */
  engineRestarted(): void
  settingsChanged(settings: Settings): void
  /** The user wants to close a window with jobs under way. */
  closeRequested(): void
}
