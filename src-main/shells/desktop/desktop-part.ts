import { app, shell } from 'electron'
import { lstatSync } from 'node:fs'
import { LmzError } from '../../contract/error'
import type { Desk } from '../window/desk'
import { modeRunsAsProgram, nameRunsAsProgram } from '../window/runs-as-program'
import type { ShellPart } from '../window/shell-part'
import type { WindowSession } from '../window/window-session'
import type { AppWindow } from './app-window'
import { choosePaths } from './dialogs'
import type { Windows } from './windows'

/** What the desktop does for one window by itself. */
export function desktopPart(desk: Desk, windows: Windows, appWindow: AppWindow, session: WindowSession): ShellPart {
  const { window } = appWindow
  const { archives } = session

  async function takeOut(handle: number, entries: readonly number[]): Promise<readonly string[]> {
    const paths = await Promise.all(entries.map((entry) => archives.entryPath(handle, entry)))
    const archive = archives.pathOf(handle)
    return desk.taker.takeOut(archive, paths, archives.passwordOf(archive))
  }

  return {
    kind: 'desktop',
    choose: (kind, suggestion) => choosePaths(window, kind, suggestion),
    reveal: (path) => {
      shell.showItemInFolder(path)
      return Promise.resolve()
    },
    openEntry: async (handle, entry, confirmed) => {
      // Before anything is taken out; and once more for what only the file itself can tell.
      if (!confirmed && nameRunsAsProgram(await archives.entryPath(handle, entry))) {
        return { result: 'needsConfirmation' }
      }
      const path = only(await takeOut(handle, [entry]))
      const found = lstatSync(path)
      if (!found.isFile()) throw new LmzError('Usage', 'Only files can be opened with another program.')
      if (!confirmed && modeRunsAsProgram(found.mode)) return { result: 'needsConfirmation' }
      const failure = await shell.openPath(path)
      if (failure !== '') throw new LmzError('Io', `No program opened it: ${failure}`, { subject: path })
      return { result: 'opened' }
    },
    entryUrl: () => Promise.resolve(undefined),
    dragOut: async (handle, entries) => {
      const files = [...(await takeOut(handle, entries))]
      const file = only(files)
      const icon = await app.getFileIcon(file, { size: 'normal' })
      if (!window.isDestroyed()) window.webContents.startDrag({ file, files, icon })
    },
    newUpload: () => Promise.reject(new LmzError('Unsupported', 'On the desktop, files are used where they are.')),
    openWindow: (archive) => {
      if (archive === undefined) windows.openEmpty()
      else windows.openArchive(archive)
      return Promise.resolve()
    },
    closeWindow: () => {
      appWindow.mayClose = true
      // Not before the page has its answer.
      setImmediate(() => window.close())
      return Promise.resolve()
    },
    showing: (archive) => {
      appWindow.showing(archive)
      return Promise.resolve()
    },
  }
}

function only(paths: readonly string[]): string {
  const [path] = paths
  if (path === undefined) throw new LmzError('Usage', 'Nothing was taken out.')
  return path
}
