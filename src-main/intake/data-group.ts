import { contentKinds } from '../contract/content-kind'
import { extensionOf, kindOfName } from './name-kind'

/** Cannot occur in a name. */
const separator = '\0'
const foldersThatCount = 2

/**
 * Which data a file is likely to resemble, by its path: the kind that its name promises, its extension, and the topmost
 * folders, which tell one project or service from another. {@link coarserGroup} widens it.
 * @param path "/"-separated, as in the archive
 * @returns undefined for kinds that no sample of others helps to describe: pictures, sound, tensors, compressed data
 */
export function dataGroup(path: string): string | undefined {
  const components = path.split('/')
  const name = components.at(-1) ?? ''
  const kind = kindOfName(name)
  if (kind === 'image' || kind === 'media' || kind === 'tensor' || kind === 'compressed') return undefined
  const folders = components.slice(0, -1).slice(0, foldersThatCount)
  const number = kind === undefined ? '' : String(contentKinds[kind])
  return [number, extensionOf(name), ...folders].join(separator)
}

/** How many times a group can be widened: 3 at most. */
export function groupDepth(group: string): number {
  const coarser = coarserGroup(group)
  return coarser === undefined ? 0 : groupDepth(coarser) + 1
}

/**
 * The next wider group around one: without the deepest folder, then without the extension, then of the kind alone.
 * @returns undefined for the widest
 */
export function coarserGroup(group: string): string | undefined {
  const [number = '', extension = '', ...folders] = group.split(separator)
  if (folders.length > 1) return [number, extension, ...folders.slice(0, -1)].join(separator)
  if (extension !== '') return [number, '', ...folders].join(separator)
  return folders.length > 0 ? [number, ''].join(separator) : undefined
}
