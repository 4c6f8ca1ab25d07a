const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** A size for people, in powers of 1000 with one decimal: "3.1 MB", "812 bytes". */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // 999,950 would be rounded to "1000.0 kB".
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  if (unit === 0) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  return `${value.toFixed(1)} ${units[unit] ?? ''}`
}
