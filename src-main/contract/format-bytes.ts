const decimalUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** A size for people, in powers of 1000 with one decimal: "3.1 MB", "812 bytes". */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // 999,950 would be rounded to "1000.0 kB".
  while (value >= 999.95 && unit < decimalUnits.length - 1) {
    value /= 1000
    unit++
  }
  if (unit === 0) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  return `${value.toFixed(1)} ${decimalUnits[unit] ?? ''}`
}

const binaryUnits = ['bytes', 'KiB', 'MiB'] as const

/** A size that was chosen as a power of two, exactly and as it is typed: "1 MiB", "64 KiB", "100000 bytes". */
export function formatBlockSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && value % 1024 === 0 && unit < binaryUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${value} ${binaryUnits[unit] ?? ''}`
}
