import { isAbsolute, relative, sep } from 'node:path'

/** "1 file", "10,000 files". */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`
}

/** A path as its user would type it: from the current folder where it lies below it, absolute elsewhere. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path)
  if (fromHere === '') return '.'
  return fromHere === '..' || fromHere.startsWith(`..${sep}`) || isAbsolute(fromHere) ? path : fromHere
}

/** "2026-11-21 10:44", in the time zone of the user; empty for a time no calendar has. */
export function formatTime(milliseconds: number): string {
  const local = new Date(milliseconds - new Date(milliseconds).getTimezoneOffset() * 60_000)
  return Number.isNaN(local.getTime()) ? '' : local.toISOString().slice(0, -8).replace('T', ' ')
}
