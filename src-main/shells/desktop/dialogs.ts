import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron'
import type { ChoiceKind } from '../../contract/shell-api'
import { text } from './texts'

/**
 * Asks for paths with the system's own dialog.
 * @param suggestion a file or folder to start from
 * @returns no paths when the user has cancelled
 */
export async function choosePaths(
  window: BrowserWindow,
  kind: ChoiceKind,
  suggestion: string | undefined,
): Promise<{ readonly paths: readonly string[] }> {
  const start = suggestion === undefined ? {} : { defaultPath: suggestion }
  if (kind === 'saveArchive') {
    const { canceled, filePath } = await dialog.showSaveDialog(window, {
      ...start,
      title: text('dialog.saveArchive'),
      filters: archiveFilter(),
      // Whether to replace what is there is asked by the window, which knows what would become of it.
      properties: ['createDirectory'],
    })
    return { paths: canceled || filePath === '' ? [] : [withEnding(filePath)] }
  }
  const { canceled, filePaths } = await dialog.showOpenDialog(window, { ...start, ...openOptions(kind) })
  return { paths: canceled ? [] : filePaths }
}

function openOptions(kind: Exclude<ChoiceKind, 'saveArchive'>): OpenDialogOptions {
  switch (kind) {
    case 'archive':
      return {
        title: text('dialog.archive'),
        filters: [...archiveFilter(), { name: text('dialog.allFiles'), extensions: ['*'] }],
        properties: ['openFile'],
      }
    case 'folder':
      return { title: text('dialog.folder'), properties: ['openDirectory', 'createDirectory'] }
    case 'sources':
      // Only the dialog of macOS can choose files and folders at once; elsewhere this would show folders alone.
      return {
        title: text('dialog.sources'),
        properties:
          process.platform === 'darwin'
            ? ['openFile', 'openDirectory', 'multiSelections']
            : ['openFile', 'multiSelections'],
      }
  }
}

function archiveFilter(): { name: string; extensions: string[] }[] {
  return [{ name: text('dialog.archives'), extensions: ['lmz'] }]
}

/** Not every system's dialog adds it. */
function withEnding(path: string): string {
  return /\.lmz$/i.test(path) ? path : `${path}.lmz`
}
