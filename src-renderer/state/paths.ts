/*
 * Paths of the engine's machine, which on Windows have "\" as separator and may have "/" too; elsewhere "\" is a part of names.
 */

export type Separator = '/' | '\\'

function lastSeparator(path: string, separator: Separator): number {
  return separator === '/' ? path.lastIndexOf('/') : Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
}

/** What stands in front of "/" of the root or of a drive, and must stay. */
function isRoot(path: string): boolean {
  return /^([a-z]:)?[/\\]?$/i.test(path)
}

function withoutTrailingSeparator(path: string, separator: Separator): string {
  let end = path.length
  while (!isRoot(path.slice(0, end)) && lastSeparator(path.slice(0, end), separator) === end - 1) end--
  return path.slice(0, end)
}

/** "/home/me/Project/" -> "Project" */
export function baseName(path: string, separator: Separator): string {
  const trimmed = withoutTrailingSeparator(path, separator)
  return trimmed.slice(lastSeparator(trimmed, separator) + 1)
}

/** "/home/me/Project" -> "/home/me"; a root is its own folder. */
export function folderOf(path: string, separator: Separator): string {
  const trimmed = withoutTrailingSeparator(path, separator)
  if (isRoot(trimmed)) return trimmed
  const at = lastSeparator(trimmed, separator)
  const folder = trimmed.slice(0, Math.max(at, 0))
  // "/a" lies in "/", and "C:\a" in "C:\".
  return isRoot(folder) ? trimmed.slice(0, at + 1) : folder
}

export function joinPath(folder: string, name: string, separator: Separator): string {
  return lastSeparator(folder, separator) === folder.length - 1 && folder !== ''
    ? folder + name
    : folder + separator + name
}

export function isArchiveName(path: string): boolean {
  return path.toLowerCase().endsWith('.lmz')
}

/** "report.pdf" -> "report"; a name that begins with its only dot stays whole. */
export function withoutExtension(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(0, dot) : name
}

/** Where an archive of these sources would go if nobody says otherwise: beside them, named after them. */
export function suggestedArchive(
  sources: readonly string[],
  separator: Separator,
): { readonly folder: string; readonly name: string } {
  const [first = '', ...more] = sources
  const folder = folderOf(first, separator)
  const name = more.length === 0 ? withoutExtension(baseName(first, separator)) : baseName(folder, separator)
  return { folder, name: `${name || 'Archive'}.lmz` }
}
