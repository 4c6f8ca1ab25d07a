/** Tests one name or one path; letter case and Unicode composition do not count. */
export type NameTest = (text: string) => boolean

/**
 * A pattern without `*` and `?` is looked for anywhere in the text. Otherwise the whole text must match: `*` stands for any
 * characters but "/", `?` for one of them, and a path component `**` for any number of components.
 *
 * Matching costs at most (length of text) x (length of pattern) steps, whatever the pattern; a regular expression made of
 * it could take exponentially many.
 */
export function nameTest(pattern: string): NameTest {
  const folded = fold(pattern)
  if (!/[*?]/.test(folded)) return (text) => fold(text).includes(folded)
  if (!folded.includes('/')) {
    const glob = Array.from(folded)
    return (text) => matchesGlob(Array.from(fold(text)), glob)
  }
  const components = folded
    .replace(/^\/+|\/+$/g, '')
    .split('/')
    .map((component) => Array.from(component))
  return (text) =>
    matchesPath(
      fold(text)
        .split('/')
        .map((component) => Array.from(component)),
      components,
    )
}

/** Whether a pattern is meant for whole paths. */
export function isPathPattern(pattern: string): boolean {
  return pattern.includes('/')
}

function fold(text: string): string {
  // eslint-disable-next-line no-control-regex -- all of ASCII
  return /^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : text.normalize('NFC').toLowerCase()
}

/**
 * The greedy algorithm with one point of return: when something fails behind a `*`, that `*` takes one more element. Earlier
 * stars need not be tried again, since the last one can make up for them.
 */
function matchesSequence<Element, Item>(
  text: readonly Element[],
  pattern: readonly Item[],
  isStar: (item: Item) => boolean,
  matches: (element: Element, item: Item) => boolean,
): boolean {
  let star = -1
  let starEnd = 0
  let textAt = 0
  let patternAt = 0
  while (textAt < text.length) {
    const element = text[textAt] as Element
    const item = pattern[patternAt]
    if (item !== undefined && isStar(item)) {
      star = patternAt++
      starEnd = textAt
    } else if (item !== undefined && matches(element, item)) {
      textAt++
      patternAt++
    } else if (star >= 0) {
      patternAt = star + 1
      textAt = ++starEnd
    } else {
      return false
    }
  }
  return pattern.slice(patternAt).every(isStar)
}

function matchesGlob(text: readonly string[], glob: readonly string[]): boolean {
  return matchesSequence(
    text,
    glob,
    (item) => item === '*',
    (character, item) => item === '?' || item === character,
  )
}

function matchesPath(path: readonly string[][], pattern: readonly string[][]): boolean {
  return matchesSequence(path, pattern, (component) => component.join('') === '**', matchesGlob)
}
