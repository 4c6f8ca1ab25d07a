/** What has become of the shell of a page in a browser, when the link to it is cut: `there` as before, or another that `refuses` this page. */
export type ShellFound = 'there' | 'refuses' | 'gone'

/** Milliseconds between looks. A shell that is there but has no window left ends soon, so that the first ones come quickly. */
const pauses = [200, 600, 1200, 2000, 3000]

/** Looks for the shell again and again, until it is there. */
export function lookForShell(tell: (found: ShellFound) => void): void {
  let turn = 0
  const look = async (): Promise<void> => {
    const found = await shellNow()
    tell(found)
    if (found !== 'there') wait()
  }
  const wait = (): void => {
    setTimeout(() => void look(), pauses[Math.min(turn++, pauses.length - 1)])
  }
  wait()
}

async function shellNow(): Promise<ShellFound> {
  try {
    const { ok } = await fetch('/', { cache: 'no-store' })
    return ok ? 'there' : 'refuses'
  } catch {
    return 'gone'
  }
}

const key = 'lmz.reopen'
/** Milliseconds: a link that is cut again so soon would be cut without end. */
const leastBetween = 5000
/** Whether this page was loaded by {@link comeBack}. */
let hasComeBack = false

/**
 * Loads the page anew; the next one opens the archive that this one shows.
 * @returns false if this page has come back just now
 */
export function comeBack(archive: string | undefined): boolean {
  if (performance.now() < leastBetween && hasComeBack) return false
  try {
    sessionStorage.setItem(key, archive ?? '')
  } catch {
    // The start screen lists it.
  }
  location.reload()
  return true
}

/** The archive that a page before this one showed when it lost its shell. */
export function archiveToReopen(): string | undefined {
  try {
    const archive = sessionStorage.getItem(key)
    sessionStorage.removeItem(key)
    hasComeBack = archive !== null
    return archive === '' ? undefined : (archive ?? undefined)
  } catch {
    return undefined
  }
}
