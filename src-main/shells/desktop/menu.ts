import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import type { ChoiceKind } from '../../contract/shell-api'
import { text } from './texts'

export interface MenuActions {
  /** Lets the user choose and opens what was chosen. */
  readonly chooseAndOpen: (kind: Exclude<ChoiceKind, 'saveArchive'>) => void
  readonly newWindow: () => void
}

/** The app's menu in the language of now. Keys that the window itself sees to come first there, and never reach the menu. */
export function showMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(template(actions)))
}

function template(actions: MenuActions): MenuItemConstructorOptions[] {
  const isMac = process.platform === 'darwin'
  return [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    { label: text('menu.file'), submenu: fileMenu(actions, isMac) },
    { role: 'editMenu', label: text('menu.edit') },
    { label: text('menu.view'), submenu: viewMenu() },
    ...(isMac ? [{ role: 'windowMenu' as const, label: text('menu.window') }] : []),
    ...(isMac ? [] : [{ label: text('menu.help'), submenu: [{ role: 'about' as const, label: text('menu.about') }] }]),
  ]
}

function fileMenu({ chooseAndOpen, newWindow }: MenuActions, isMac: boolean): MenuItemConstructorOptions[] {
  return [
    { label: text('menu.newArchive'), accelerator: 'CmdOrCtrl+N', click: () => chooseAndOpen('sources') },
    // On macOS one dialog chooses both.
    ...(isMac ? [] : [{ label: text('menu.newFromFolder'), click: () => chooseAndOpen('folder') }]),
    { label: text('menu.newWindow'), accelerator: 'CmdOrCtrl+Shift+N', click: newWindow },
    { type: 'separator' },
    { label: text('menu.open'), accelerator: 'CmdOrCtrl+O', click: () => chooseAndOpen('archive') },
    ...(isMac ? [recentMenu()] : []),
    { type: 'separator' },
    { role: 'close', label: text('menu.closeWindow') },
    ...(isMac ? [] : [{ role: 'quit' as const, label: text('menu.quit') }]),
  ]
}

/** macOS fills it; elsewhere recent archives are on the start screen and in the task bar's list. */
function recentMenu(): MenuItemConstructorOptions {
  return {
    role: 'recentDocuments',
    label: text('menu.openRecent'),
    submenu: [{ role: 'clearRecentDocuments', label: text('menu.clearRecent') }],
  }
}

function viewMenu(): MenuItemConstructorOptions[] {
  const forDevelopers: MenuItemConstructorOptions[] = [
    { role: 'reload' },
    { role: 'toggleDevTools' },
    { type: 'separator' },
  ]
  return [
    ...(app.isPackaged ? [] : forDevelopers),
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ]
}
