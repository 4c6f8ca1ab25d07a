/** Whether a path as people write it ("", "/", ".", "./") means everything in an archive. */
export function isTopLevel(path: string): boolean {
  return path.split('/').every((component) => component === '' || component === '.')
}
