import { app, dialog, nativeTheme } from 'electron'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Settings } from '../../contract/shell-api'
import { openDesk } from '../window/desk'
import { userFolders } from '../window/user-folders'
import { declareAppScheme, serveAppScheme } from './app-scheme'
import { AppWindow } from './app-window'
import { desktopPart } from './desktop-part'
import { choosePaths } from './dialogs'
import { guardPages, guardSession } from './guard'
import { HandedOver } from './handed-over'
import { showJobSigns } from './job-signs'
import { type MenuActions, showMenu } from './menu'
import { Quitting } from './quitting'
import { startEngine } from './start-engine'
import { useLanguage } from './texts'
import { WindowState } from './window-state'
import { Windows } from './windows'

/* The desktop app, from its start to its first window. */

const folders = userFolders()
// Chromium's own files keep apart from the settings that all shells share.
const ownFolder = join(folders.settings, 'desktop')
mkdirSync(ownFolder, { recursive: true, mode: 0o700 })
app.setPath('userData', ownFolder)
// Started with the path of its entry, Electron goes by its own name.
app.setName('lmz')
app.setAppUserModelId('org.lmz-archiver.lmz')
app.enableSandbox()
declareAppScheme()
guardPages()

const handedOver = new HandedOver()
if (handedOver.isFirst()) {
  app
    .whenReady()
    .then(open)
    .catch((error: unknown) => {
      dialog.showErrorBox('lmz', error instanceof Error ? error.message : String(error))
      app.exit(1)
    })
} else {
  app.quit()
}

async function open(): Promise<void> {
  guardSession()
  serveAppScheme(fileURLToPath(new URL('../renderer', import.meta.url)))
  const desk = openDesk(startEngine, folders)
  const state = new WindowState(ownFolder)
  const windows: Windows = new Windows(
    () => new AppWindow(desk, state, (window, session) => desktopPart(desk, windows, window, session)),
    (window) => quitting.mayClose(window),
  )
  const quitting = new Quitting(desk, () => windows.all)
  await follow(await desk.settings.read(), windows)
  desk.settings.onChange((settings) => void follow(settings, windows))
  showJobSigns(desk.host, (archive) => windows.open(archive === undefined ? [] : [archive]))
  app.on('activate', () => {
    if (windows.all.length === 0) windows.openEmpty()
  })
  handedOver.openWith((paths) => windows.open(paths))
}

/** Does as the settings say, as far as they are the shell's business. */
async function follow({ language, theme }: Settings, windows: Windows): Promise<void> {
  nativeTheme.themeSource = theme
  await useLanguage(language)
  showMenu(menuActions(windows))
}

function menuActions(windows: Windows): MenuActions {
  return {
    newWindow: () => void windows.openEmpty(),
    chooseAndOpen: (kind) => {
      const parent = windows.focused ?? windows.all.at(-1) ?? windows.openEmpty()
      void choosePaths(parent.window, kind, undefined).then(({ paths }) => {
        if (paths.length === 0) return
        // An archive can be packed like any other file.
        if (kind === 'archive') windows.open(paths)
        else windows.pack(paths)
      })
    },
  }
}
