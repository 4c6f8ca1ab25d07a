import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/** Column of the owner's number, proc(5), /proc/net/tcp */
const ownerColumn = 7

/**
 * Whether a connection comes from another user of this computer. The command line of a browser, with the address it is to open, can
 * be read by all of them, so one could be faster with its token. Linux tells whose a connection is; elsewhere, and where the
 * other end is out of sight (another network namespace), there is only the token.
 */
export function isOtherUsers({ remotePort, localPort }: Socket): boolean {
  const user = process.getuid?.()
  // What root serves is meant for somebody, and what root asks for it could take anyway.
  if (process.platform !== 'linux' || user === undefined || user === 0) return false
  if (remotePort === undefined || localPort === undefined) return false
  const owner = ownerOf(remotePort, localPort)
  return owner !== undefined && owner !== user && owner !== 0
}

/** Whose the socket is that is connected from one port of this computer to another one. */
function ownerOf(from: number, to: number): number | undefined {
  const ends = [from, to].map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`)
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const row of linesOf(table)) {
      const columns = row.trim().split(/\s+/)
      if ([columns[1], columns[2]].every((address, at) => address?.endsWith(ends[at] ?? ' '))) {
        return Number(columns[ownerColumn])
      }
    }
  }
  return undefined
}

function linesOf(table: string): readonly string[] {
  try {
    return readFileSync(table, 'latin1').split('\n')
  } catch {
    return []
  }
}
