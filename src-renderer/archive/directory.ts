import type { EngineApi } from '../../src-main/contract/engine-api'
import type { Remote } from '../bridge'
import type { Path } from './history'

/** A directory of an open archive. */
export interface Directory {
  readonly id: number
  readonly names: Path
}

export const root: Directory = { id: 0, names: [] }

/** The directory that these names lead to, or as much of the way as there is. */
export async function nearestDirectory(
  engine: Pick<Remote<EngineApi>, 'folders'>,
  handle: number,
  names: Path,
): Promise<Directory> {
  let found = root
  for (const name of names) {
    const folders = await engine.folders(handle, found.id)
    const next = folders.find((folder) => folder.name === name)
    if (next === undefined) break
    found = { id: next.id, names: [...found.names, name] }
  }
  return found
}
