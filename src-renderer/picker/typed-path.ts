import type { ChoiceKind, DiskItem } from '../../src-main/contract/shell-api'
import { isArchiveName, type Separator } from '../state/paths'

/** What of a folder may be chosen or walked through. */
export function isOffered(item: DiskItem, kind: ChoiceKind, withHidden: boolean): boolean {
  if (item.name.startsWith('.') && !withHidden) return false
  if (item.isDirectory) return true
  switch (kind) {
    case 'sources':
      return true
    case 'archive':
    case 'saveArchive':
      return isArchiveName(item.name)
    case 'folder':
      return false
  }
}

/** "/home/me/Pro" -> the folder "/home/me/" and "Pro", which a name in it may begin with. */
export function splitTyped(typed: string, separator: Separator): { readonly folder: string; readonly prefix: string } {
  const at = separator === '/' ? typed.lastIndexOf('/') : Math.max(typed.lastIndexOf('/'), typed.lastIndexOf('\\'))
  return { folder: typed.slice(0, at + 1), prefix: typed.slice(at + 1) }
}

/** Whether a name begins so, whatever its case. */
export function beginsWith(name: string, prefix: string): boolean {
  return name.slice(0, prefix.length).toLocaleLowerCase() === prefix.toLocaleLowerCase()
}

/**
 * What Tab makes of a prefix: as much as all names that begin so have in common, and a separator behind the only folder that does.
 * @returns the prefix itself where nothing can be added
 */
export function completed(prefix: string, items: readonly DiskItem[], separator: Separator): string {
  const matches = items.filter(({ name }) => beginsWith(name, prefix))
  const [first, ...others] = matches
  if (first === undefined) return prefix
  if (others.length === 0) return first.isDirectory ? first.name + separator : first.name
  let length = first.name.length
  for (const { name } of others) while (!beginsWith(name, first.name.slice(0, length))) length--
  return length > prefix.length ? first.name.slice(0, length) : prefix
}
