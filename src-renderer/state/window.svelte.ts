import { escapeForDisplay } from '../../src-main/contract/display-name'
import type { LmzErrorData } from '../../src-main/contract/error'
import { toLmzError } from '../../src-main/contract/error'
import type { JobRequest } from '../../src-main/contract/job'
import type { JobSecrets } from '../../src-main/contract/password'
import { defaultSettings, type RecentArchive, type Settings, type ShellFacts } from '../../src-main/contract/shell-api'
import type { Bridge } from '../bridge'
import { setLanguage } from '../i18n/text.svelte'
import { Jobs } from '../jobs/jobs.svelte'
import type { UploadProgress } from '../sources/sources'
import { baseName, folderOf, isArchiveName } from './paths'
import { archiveToReopen, comeBack, lookForShell } from './way-back'

export type Screen = { readonly kind: 'start' } | { readonly kind: 'archive'; readonly path: string }

/** What stands above the screen, one at a time. */
export type Overlay =
  | { readonly kind: 'newArchive'; readonly sources: readonly string[] }
  | { readonly kind: 'settings' }
  | { readonly kind: 'keys' }
  | { readonly kind: 'closing' }

/** Where the shell is: once the link is cut, a page in a browser is `looking` for it; on the desktop it stays `lost`. */
export type Connection = 'open' | 'lost' | 'looking' | 'gone' | 'refused'

export interface Upload {
  readonly progress: UploadProgress | undefined
  readonly cancel: () => void
}

/** What the window shows, and what can be done in it from anywhere. */
export class WindowState {
  readonly bridge: Bridge
  readonly facts: ShellFacts
  readonly jobs: Jobs
  settings = $state.raw<Settings>(defaultSettings)
  screen = $state.raw<Screen>({ kind: 'start' })
  /** Of the open archive: the names of the folder that is shown. */
  shownFolder = $state.raw<readonly string[]>([])
  overlay = $state.raw<Overlay | undefined>()
  recent = $state.raw<readonly RecentArchive[] | undefined>()
  /** What went wrong last with something the user did; a banner until it is put away. */
  failure = $state.raw<LmzErrorData | undefined>()
  engineWasRestarted = $state(false)
  connection = $state<Connection>('open')
  upload = $state.raw<Upload | undefined>()
  /** Folders of the shell's that hold what was dropped on this page. */
  readonly uploadFolders: string[] = []

  private constructor(bridge: Bridge, facts: ShellFacts) {
    this.bridge = bridge
    this.facts = facts
    this.jobs = new Jobs(bridge)
    const { events } = bridge
    events.on('settingsChanged', (settings) => this.#apply(settings))
    events.on('openRequested', (paths, as) => {
      if (as === 'archives') this.#openAll(paths)
      else if (as === 'sources' && this.screen.kind === 'start') this.startArchive(paths)
      else this.take(paths)
    })
    events.on('engineRestarted', () => (this.engineWasRestarted = true))
    events.on('closeRequested', () => this.askToClose())
    events.on('disconnected', () => this.#lookForShell())
  }

  /** Asks the shell for what the first screen needs. */
  static async over(bridge: Bridge): Promise<WindowState> {
    const [facts, settings] = await Promise.all([bridge.shell.facts(), bridge.shell.settings()])
    const window = new WindowState(bridge, facts)
    window.#apply(settings)
    void window.attempt(() => Promise.all([window.jobs.load(), window.loadRecent(), bridge.shell.showing(undefined)]))
    const reopened = archiveToReopen()
    if (reopened !== undefined) window.open(reopened)
    return window
  }

  /** Runs something the user asked for; if it fails, the window says so. */
  async attempt<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await action()
    } catch (thrown) {
      const error = toLmzError(thrown, 'lmz could not do that').toData()
      if (error.code !== 'Cancelled' && this.connection === 'open') this.failure = error
      return undefined
    }
  }

  run = (request: JobRequest, secrets?: JobSecrets): Promise<number> => this.jobs.run(request, secrets)

  async loadRecent(): Promise<void> {
    this.recent = await this.bridge.shell.recent()
  }

  async forget(path: string): Promise<void> {
    await this.bridge.shell.forget(path)
    await this.loadRecent()
  }

  /** Shows an archive here, or in a window of its own where this one has another. */
  open(path: string): void {
    const { screen, bridge, facts } = this
    this.failure = undefined
    if (screen.kind === 'archive' && screen.path !== path && facts.kind === 'desktop') {
      void this.attempt(() => bridge.shell.openWindow(path))
      return
    }
    this.screen = { kind: 'archive', path }
    this.shownFolder = []
    // A copy that goes away with the window is nothing to come back to.
    void this.attempt(() => bridge.shell.showing(this.isUploaded(path) ? undefined : path))
  }

  closeArchive(): void {
    this.screen = { kind: 'start' }
    this.shownFolder = []
    void this.attempt(() => Promise.all([this.bridge.shell.showing(undefined), this.loadRecent()]))
  }

  async chooseSources(): Promise<void> {
    const paths = await this.bridge.choose('sources')
    if (paths.length > 0) this.startArchive(paths)
  }

  async chooseArchive(): Promise<void> {
    const [path] = await this.bridge.choose('archive')
    if (path !== undefined) this.open(path)
  }

  /**
   * What was dropped or handed over: archives are opened, anything else is packed, into the open archive if there is one.
   * @param folder of that archive
   */
  take(paths: readonly string[], folder: readonly string[] = this.shownFolder): void {
    if (paths.length === 0) return
    const { screen, overlay } = this
    if (overlay?.kind === 'newArchive') this.startArchive([...new Set([...overlay.sources, ...paths])])
    else if (paths.every(isArchiveName)) this.#openAll(paths)
    else if (screen.kind === 'start') this.startArchive(paths)
    else {
      const into = folder.join('/')
      void this.attempt(() => this.run({ verb: 'add', archive: screen.path, paths: [...paths], into }))
    }
  }

  startArchive(sources: readonly string[]): void {
    this.overlay = { kind: 'newArchive', sources }
  }

  /** To be called in the event's own turn, while what was dropped can still be read. */
  drop(input: DataTransfer | FileList): void {
    const abort = new AbortController()
    const cancel = (): void => abort.abort()
    const isWeb = this.facts.kind === 'web'
    // What is dropped on a folder goes there, also if another one is shown when it has arrived.
    const folder = this.shownFolder
    if (isWeb) this.upload = { progress: undefined, cancel }
    const arriving = this.bridge.sourcesOf(input, {
      signal: abort.signal,
      onProgress: (progress) => (this.upload = { progress, cancel }),
    })
    void this.attempt(() => arriving).then((paths) => {
      this.upload = undefined
      const [first] = paths ?? []
      if (isWeb && first !== undefined) this.uploadFolders.push(folderOf(first, this.facts.pathSeparator))
      this.take(paths ?? [], folder)
    })
  }

  async changeSettings(change: Partial<Settings>): Promise<void> {
    const wanted = { ...this.settings, ...change }
    // At once, so that the dialog does not lag behind the hand.
    this.#apply(wanted)
    this.#apply(await this.bridge.shell.changeSettings(wanted))
  }

  askToClose(): void {
    if (this.jobs.underWay.length === 0) void this.attempt(() => this.bridge.shell.closeWindow())
    else this.overlay = { kind: 'closing' }
  }

  /** Whether a path is that of a copy that was made of what was dropped on this page, or lies in one. */
  isUploaded(path: string): boolean {
    return this.uploadFolders.some((folder) => path.startsWith(folder))
  }

  /** The name of the open archive, as it may be shown. */
  get archiveName(): string | undefined {
    const { screen, facts } = this
    return screen.kind === 'archive' ? escapeForDisplay(baseName(screen.path, facts.pathSeparator)) : undefined
  }

  #lookForShell(): void {
    this.failure = undefined
    if (this.facts.kind === 'desktop') {
      this.connection = 'lost'
      return
    }
    this.connection = 'looking'
    lookForShell((found) => {
      if (found !== 'there') this.connection = found === 'gone' ? 'gone' : 'refused'
      else if (!comeBack(this.#shownArchive)) this.connection = 'lost'
    })
  }

  /** A copy of what was dropped goes away with the link. */
  get #shownArchive(): string | undefined {
    const { screen } = this
    return screen.kind === 'archive' && !this.isUploaded(screen.path) ? screen.path : undefined
  }

  #openAll(paths: readonly string[]): void {
    const [first, ...others] = paths
    if (first !== undefined) this.open(first)
    if (this.facts.kind === 'desktop') {
      for (const path of others) void this.attempt(() => this.bridge.shell.openWindow(path))
    }
  }

  #apply(settings: Settings): void {
    this.settings = settings
    setLanguage(settings.language)
    const { dataset } = document.documentElement
    if (settings.theme === 'system') delete dataset['theme']
    else dataset['theme'] = settings.theme
    if (settings.compactRows) dataset['rows'] = 'compact'
    else delete dataset['rows']
  }
}
