import { join } from 'node:path'
import type { Settings } from '../../contract/shell-api'
import { EngineHost } from './engine-host'
import type { StartEngine } from './engine-process'
import { PrivateFolder } from './private-folder'
import { RecentArchives } from './recent-archives'
import { SettingsFile } from './settings-file'
import { EntryTaker } from './take-out'
import { type UserFolders, userFolders } from './user-folders'

/** What all windows of a shell work with. */
export interface Desk {
  readonly folders: UserFolders
  readonly host: EngineHost
  readonly settings: SettingsFile
  readonly recent: RecentArchives
  /** Gone when the process is. */
  readonly temporary: PrivateFolder
  readonly taker: EntryTaker
  /** Ends the engine and removes what is temporary. */
  close(): Promise<void>
}

/** @throws LmzError `Io`, `NoSpace` where no temporary folder can be made */
export function openDesk(start: StartEngine, folders: UserFolders = userFolders()): Desk {
  const temporary = new PrivateFolder(join(folders.cache, 'temporary'))
  const host = new EngineHost(start)
  const settings = new SettingsFile(join(folders.settings, 'settings.json'))
  const apply = ({ threads }: Settings): void => host.useThreads(threads)
  void settings.read().then(apply)
  settings.onChange(apply)
  return {
    folders,
    host,
    settings,
    recent: new RecentArchives(join(folders.settings, 'recent.json')),
    temporary,
    taker: new EntryTaker(start, temporary),
    close: async () => {
      await host.close()
      temporary.remove()
    },
  }
}
