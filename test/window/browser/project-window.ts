import { join } from 'node:path'
import { createArchive } from '../../../src-main/archive/create'
import { temporaryFolder } from '../../support/temporary'
import { type Files, project, writeFiles } from './sample-files'
import type { ServedWindow, WindowOptions } from './served-window'

/** A window that shows `Project.lmz`; what is in it also lies in the folder `source` of its home. */
export type ProjectWindow = ServedWindow & { readonly archive: string }

/** @returns opens windows on an archive that is made of these files; of a small project if none are given */
export function projectsIn(
  openWindow: (options: WindowOptions) => Promise<ServedWindow>,
): (files?: Files, options?: WindowOptions) => Promise<ProjectWindow> {
  return async (files = project(), options = {}) => {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), files)
    const roots = [...new Set(Object.keys(files).map((path) => join(source, path.split('/')[0] ?? '')))]
    const archive = join(home, 'Project.lmz')
    await createArchive(archive, roots, { preset: 'fast', comment: 'Drawn in May' })
    const window = await openWindow({ home, paths: [archive], ...options })
    await window.grid.locator('.name').first().waitFor()
    return Object.assign(window, { archive })
  }
}
