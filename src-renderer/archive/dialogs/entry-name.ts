/** What is wrong with a name that was typed for an entry; the same as the format allows (one path component). */
export type NameProblem = 'empty' | 'slash' | 'dots' | 'long' | 'unicode'

const mostBytes = 4096

export function nameProblem(name: string): NameProblem | undefined {
  if (name === '') return 'empty'
  if (name === '.' || name === '..') return 'dots'
  if (name.includes('/') || name.includes('\0')) return 'slash'
  if (/\p{Surrogate}/u.test(name)) return 'unicode'
  return new TextEncoder().encode(name).length > mostBytes ? 'long' : undefined
}

/** The part of a name that is usually changed: all but its ending, which says what kind of file it is. */
export function lengthOfStem(name: string, isFolder: boolean): number {
  const dot = name.lastIndexOf('.')
  return isFolder || dot <= 0 ? name.length : dot
}
