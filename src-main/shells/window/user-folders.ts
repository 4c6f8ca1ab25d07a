import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a user's things lie, by the customs of the system. */
export interface UserFolders {
  readonly home: string
  /** Settings and the list of recent archives. */
  readonly settings: string
  /** What may be lost at any time. */
  readonly cache: string
}

/** @param environment variables; XDG Base Directory Specification 0.8 on Linux */
export function userFolders(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): UserFolders {
  // The specification wants a path that is not absolute to be ignored.
  const variable = (name: string, pattern: RegExp, otherwise: string): string => {
    const value = environment[name]
    return value !== undefined && pattern.test(value) ? value : otherwise
  }
  if (platform === 'win32') {
    const drive = /^[a-z]:[\\/]/i
    const roaming = variable('APPDATA', drive, join(home, 'AppData', 'Roaming'))
    const local = variable('LOCALAPPDATA', drive, join(home, 'AppData', 'Local'))
    return { home, settings: join(roaming, 'lmz'), cache: join(local, 'lmz', 'Cache') }
  }
  if (platform === 'darwin') {
    const library = join(home, 'Library')
    return { home, settings: join(library, 'Application Support', 'lmz'), cache: join(library, 'Caches', 'lmz') }
  }
  return {
    home,
    settings: join(variable('XDG_CONFIG_HOME', /^\//, join(home, '.config')), 'lmz'),
    cache: join(variable('XDG_CACHE_HOME', /^\//, join(home, '.cache')), 'lmz'),
  }
}
