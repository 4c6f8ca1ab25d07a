import type { EntryRow } from '../../src-main/contract/engine-api'
import { isPasswordMissing, type LmzError, toLmzError } from '../../src-main/contract/error'
import type { JobRequest } from '../../src-main/contract/job'
import type { JobSecrets, PasswordChange } from '../../src-main/contract/password'
import type { Bridge } from '../bridge'
import type { ArchiveModel } from './archive-model.svelte'

/** What is asked of the user in a dialog. */
export type Asked =
  | { readonly kind: 'remove'; readonly paths: readonly string[]; readonly folders: number }
  | { readonly kind: 'rename'; readonly row: EntryRow; readonly path: string }
  | { readonly kind: 'program'; readonly row: EntryRow; readonly handle: number }
  | { readonly kind: 'info' }
  | { readonly kind: 'passwords' }

/** Why a password will not do: it is none of the archive's, or it is one already. */
export type PasswordFault = 'wrong' | 'used'

/** What can be done with the archive and what is selected in it. Nothing here rejects: what fails is in `problem`. */
export class ArchiveActions {
  asked = $state.raw<Asked | undefined>()
  problem = $state.raw<LmzError | undefined>()

  constructor(
    private readonly model: ArchiveModel,
    private readonly bridge: Bridge,
    private readonly run: (request: JobRequest, secrets?: JobSecrets) => Promise<number>,
  ) {}

  /** Enter or a double click: a folder is shown, a found row in its place, a file with its program. */
  async open(row: EntryRow): Promise<void> {
    await this.#try(async () => {
      if (this.model.listIsFound && row.kind !== 'directory') await this.model.goTo(row)
      else if (row.kind === 'directory') await this.model.openFolder(row)
      else if (row.kind !== 'symlink' && row.isMissing !== true) await this.openFile(row, false)
    })
  }

  /** @param confirmed whether the user knows that it is a program */
  async openFile(row: EntryRow, confirmed: boolean): Promise<void> {
    await this.#try(async () => {
      const { handle } = this.model
      if (handle === undefined) return
      const opened = await this.bridge.shell.openEntry(handle, row.id, confirmed)
      if (opened.result === 'needsConfirmation') this.asked = { kind: 'program', row, handle }
      else if (opened.result === 'download') download(opened.url, row.name)
    })
  }

  /** Asks where. Everything goes into a folder of its own if it is several things; what is selected goes where the user says. */
  async extract(what: 'selected' | 'all'): Promise<void> {
    await this.#try(async () => {
      const entries = what === 'all' ? [] : await this.model.selectedPaths()
      if (what === 'selected' && entries.length === 0) return
      const [destination] = await this.bridge.choose('folder', folderOf(this.model.path))
      if (destination === undefined) return
      await this.#extractTo(destination, entries)
    })
  }

  /** Everything, beside the archive. */
  async extractHere(): Promise<void> {
    await this.#try(() => this.#extractTo(folderOf(this.model.path), []))
  }

  /** One tensor of a file, as a file that NumPy reads. */
  async extractTensor(row: EntryRow, name: string): Promise<void> {
    await this.#try(async () => {
      const { path: archive } = this.model
      const [destination] = await this.bridge.choose('folder', folderOf(archive))
      if (destination === undefined) return
      const entries = [this.model.namesOf(row).join('/')]
      const tensor = { name, npy: true }
      await this.run({ verb: 'extract', archive, entries, destination, overwrite: 'ask', smart: false, tensor })
    })
  }

  async #extractTo(destination: string, entries: string[]): Promise<void> {
    const smart = entries.length === 0
    await this.run({ verb: 'extract', archive: this.model.path, entries, destination, overwrite: 'ask', smart })
  }

  async add(): Promise<void> {
    await this.#try(async () => {
      const paths = await this.bridge.choose('sources')
      const into = this.model.directory.names.join('/')
      if (paths.length > 0) await this.run({ verb: 'add', archive: this.model.path, paths: [...paths], into })
    })
  }

  async askRemove(): Promise<void> {
    await this.#try(async () => {
      const rows = (await this.model.list?.selected()) ?? []
      if (rows.length === 0) return
      const paths = rows.map((row) => this.model.namesOf(row).join('/'))
      this.asked = { kind: 'remove', paths, folders: rows.filter(({ kind }) => kind === 'directory').length }
    })
  }

  async remove(paths: readonly string[]): Promise<void> {
    this.asked = undefined
    await this.#try(() => this.run({ verb: 'remove', archive: this.model.path, entries: [...paths] }))
  }

  askRename(): void {
    const row = this.model.list?.onlySelected
    if (row !== undefined) this.asked = { kind: 'rename', row, path: this.model.namesOf(row).join('/') }
  }

  async rename(path: string, name: string): Promise<void> {
    this.asked = undefined
    await this.#try(async () => {
      this.model.expectRenamed(name)
      await this.run({ verb: 'rename', archive: this.model.path, entry: path, name })
    })
  }

  async verify(): Promise<void> {
    await this.#try(() => this.run({ verb: 'verify', archive: this.model.path }))
  }

  async compact(): Promise<void> {
    await this.#try(() => this.run({ verb: 'compact', archive: this.model.path }))
  }

  /**
   * Looks at a password, then changes those of the archive, unless the dialog has been closed meanwhile.
   * @param typed the one to remove, or the new one
   * @returns why nothing is done; undefined once the dialog has served
   */
  async changePasswords(change: PasswordChange, typed: string): Promise<PasswordFault | undefined> {
    const asked = this.asked
    let fault: PasswordFault | undefined
    await this.#try(async () => {
      const isOne = await this.#opensWith(typed)
      if (this.asked !== asked) return
      if (isOne !== (change === 'remove')) {
        fault = isOne ? 'used' : 'wrong'
        return
      }
      if (change === 'change') this.model.expectPassword(typed)
      const secrets = change === 'remove' ? { password: typed } : { newPassword: typed }
      await this.run({ verb: 'password', archive: this.model.path, change }, secrets)
    })
    // What went wrong otherwise is told behind the dialog.
    if (fault === undefined && this.asked === asked) this.asked = undefined
    return fault
  }

  /** Saves what is whole into another archive. */
  async salvage(): Promise<void> {
    await this.#try(async () => {
      const suggestion = this.model.path.replace(/(\.lmz)?$/i, '-salvaged.lmz')
      const [target] = await this.bridge.choose('saveArchive', suggestion)
      const { path, typed: password } = this.model
      const secrets = password === undefined ? undefined : { password }
      if (target !== undefined) await this.run({ verb: 'salvage', archive: path, target }, secrets)
    })
  }

  /** Makes it repairable when it is damaged. */
  async protect(): Promise<void> {
    await this.#try(() => this.run({ verb: 'protect', archive: this.model.path }))
  }

  /** Writes a whole copy of a damaged archive that is protected. */
  async repair(): Promise<void> {
    await this.#try(async () => {
      const suggestion = this.model.path.replace(/(\.lmz)?$/i, '-repaired.lmz')
      const [target] = await this.bridge.choose('saveArchive', suggestion)
      if (target !== undefined) await this.run({ verb: 'repair', archive: this.model.path, target })
    })
  }

  async copyPaths(): Promise<void> {
    await this.#try(async () => navigator.clipboard.writeText((await this.model.selectedPaths()).join('\n')))
  }

  async #opensWith(password: string): Promise<boolean> {
    const { engine } = this.bridge
    try {
      const { handle } = await engine.openArchive(this.model.path, password)
      // What the window does from here on is done with the password it had before.
      await engine.closeArchive(handle)
      return true
    } catch (error) {
      if (isPasswordMissing(error)) return false
      throw error
    }
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    this.problem = undefined
    try {
      await work()
    } catch (thrown) {
      const error = toLmzError(thrown, 'That did not work')
      if (error.code !== 'Cancelled') this.problem = error
    }
  }
}

function folderOf(path: string): string {
  const folder = path.replace(/[\\/][^\\/]*$/, '')
  return folder === '' ? '/' : folder
}

/** Has the browser save what is at an address of the shell. */
function download(address: string, name: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
}
