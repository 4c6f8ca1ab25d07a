import { spawn } from 'node:child_process'
import { lstat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LmzError, toLmzError } from '../../contract/error'

/** Shows a file or folder in the system's file manager. @throws LmzError `NotFound`, `Io`, `Unsupported` where there is none */
export async function revealInFileManager(path: string): Promise<void> {
  let isDirectory: boolean
  try {
    isDirectory = (await lstat(path)).isDirectory()
  } catch (thrown) {
    throw toLmzError(thrown, `Cannot show ${path}`, path)
  }
  const [program, ...parameters] = command(path, isDirectory)
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: 'ignore', detached: true })
    child.once('spawn', () => resolve())
    child.once('error', (cause) => {
      reject(new LmzError('Unsupported', 'There is no file manager here to show it in.', { subject: path, cause }))
    })
    child.unref()
  })
}

function command(path: string, isDirectory: boolean): readonly [string, ...string[]] {
  if (process.platform === 'win32') return ['explorer.exe', isDirectory ? path : `/select,${path}`]
  if (process.platform === 'darwin') return isDirectory ? ['open', path] : ['open', '-R', path]
  // A file handed to xdg-open would be opened, and some files are programs.
  return ['xdg-open', isDirectory ? path : dirname(path)]
}
