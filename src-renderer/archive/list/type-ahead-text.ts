/** A name without what typing should not mind: letter case and accents. */
export function foldedName(name: string): string {
  // eslint-disable-next-line no-control-regex -- all of ASCII
  if (/^[\x00-\x7f]*$/.test(name)) return name.toLowerCase()
  return name
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
}
