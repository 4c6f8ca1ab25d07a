import { lstat } from 'node:fs/promises'
import { sep } from 'node:path'
import type { ShellApi, ShellFacts } from '../../contract/shell-api'
import { version } from '../../contract/version'
import type { Desk } from './desk'
import { listFolder } from './list-folder'
import type { ShellPart } from './shell-part'

/** The whole of ShellApi for one window: what is the same in every shell, and the shell's own part. */
export function windowShell(desk: Desk, part: ShellPart): ShellApi {
  const { folders, recent, settings } = desk
  const { platform } = process
  const facts: ShellFacts = {
    kind: part.kind,
    version,
    platform: platform === 'win32' || platform === 'darwin' ? platform : 'linux',
    home: folders.home,
    pathSeparator: sep,
  }
  return {
    facts: () => facts,
    listFolder: (path) => listFolder(path ?? folders.home),
    exists,
    recent: () => recent.list(),
    forget: (path) => recent.forget(path),
    settings: () => settings.read(),
    changeSettings: (changed) => settings.change(changed),
    showing: async (archive) => {
      await part.showing(archive)
      if (archive !== undefined) await recent.add(archive)
    },
    choose: (kind, suggestion) => part.choose(kind, suggestion),
    reveal: (path) => part.reveal(path),
    openEntry: (handle, entry, confirmed) => part.openEntry(handle, entry, confirmed),
    entryUrl: (handle, entry) => part.entryUrl(handle, entry),
    dragOut: (handle, entries) => part.dragOut(handle, entries),
    newUpload: () => part.newUpload(),
    openWindow: (archive) => part.openWindow(archive),
    closeWindow: () => part.closeWindow(),
  }
}

/** A link that leads nowhere stands at its path too. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch {
    return false
  }
}
