/*
 * Numbers for people, in the chosen language: sizes in powers of 1000, dates relative up to a week, durations as coarse as
 * they are certain.
 */

const byteUnits = ['byte', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** "812 bytes", "12.1 kB", "1.31 GB": up to three significant digits, so that a column of sizes stays narrow. */
export function formatSize(bytes: number, language: string): string {
  let value = bytes
  let unit = 0
  // 999.5 would be rounded to four digits.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000
    unit++
  }
  if (unit === 0) return numberFormat(language, { style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(bytes)
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  const number = numberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)
  return `${number}\u00a0${byteUnits[unit] ?? ''}`
}

/** What each byte costs in the archive, with one decimal; undefined for empty files. */
export function bitsPerByte(size: number, stored: number): number | undefined {
  return size > 0 ? (stored * 8) / size : undefined
}

export function formatBits(bits: number, language: string): string {
  return numberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(bits)
}

/** The same with two decimals, where small differences are compared. */
export function formatExactBits(bits: number, language: string): string {
  return numberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(bits)
}

/** "1,204" */
export function formatCount(count: number, language: string): string {
  return numberFormat(language, {}).format(count)
}

/** Any number with up to four digits that count: "0.02134", "-1.5", "3.2E-7". */
export function formatNumber(value: number, language: string): string {
  const size = Math.abs(value)
  const notation = size !== 0 && (size < 1e-4 || size >= 1e7) ? 'scientific' : 'standard'
  return numberFormat(language, { maximumSignificantDigits: 4, notation }).format(value)
}

/** 0 to 1 as "62 %". */
export function formatShare(share: number, language: string): string {
  // Never 100 % before the end.
  return numberFormat(language, { style: 'percent' }).format(Math.floor(share * 100) / 100)
}

/** A part of a whole as it is, with one decimal: "78.4%", "-3.0%", "< 0.1%". */
export function formatPercent(part: number, language: string): string {
  const format = numberFormat(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return part > 0 && part < 0.0005 ? `<\u00a0${format.format(0.001)}` : format.format(part)
}

/**
 * A length of time, rounded as it grows: "0.3 s", "8 s", "4 min", "2 h 10 min", "3 d". Meant for expectations, so never to
 * the second above a minute.
 */
export function formatDuration(seconds: number, language: string): string {
  // The symbols (ISO 80000) are the same in all languages, and a space stands before each.
  const part = (value: number, symbol: string, digits = 0): string =>
    `${numberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)}\u00a0${symbol}`
  if (seconds < 0.095) return `< ${part(0.1, 's', 1)}`
  if (seconds < 0.95) return part(seconds, 's', 1)
  if (seconds < 9.5) return part(Math.round(seconds), 's')
  if (seconds < 57.5) return part(Math.round(seconds / 5) * 5, 's')
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return part(minutes, 'min')
  const coarse = minutes < 600 ? Math.round(minutes / 5) * 5 : Math.round(minutes / 60) * 60
  const hours = Math.floor(coarse / 60)
  if (hours >= 48)
    return numberFormat(language, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(Math.round(hours / 24))
  const rest = coarse % 60
  return rest === 0 ? part(hours, 'h') : `${part(hours, 'h')} ${part(rest, 'min')}`
}

/** A time that was measured, with two digits that count: "3.1 ms", "0.45 s", "12 s". */
export function formatShortTime(seconds: number, language: string): string {
  const [value, unit] = seconds < 0.1 ? [seconds * 1000, 'ms'] : [seconds, 's']
  return `${numberFormat(language, { maximumSignificantDigits: value < 100 ? 2 : 3 }).format(value)}\u00a0${unit}`
}

const dayMs = 86_400_000

/** "Today, 14:02", "Yesterday, 09:30", "5 days ago", then the date; the year only where it is another one. */
export function formatDate(ms: number, language: string, now: number = Date.now()): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return ''
  const date = new Date(ms)
  const days = Math.round((startOfDay(now) - startOfDay(ms)) / dayMs)
  if (days >= 0 && days < 7) {
    const relative = relativeFormat(language).format(-days, 'day')
    const said = relative.charAt(0).toLocaleUpperCase(language) + relative.slice(1)
    return days < 2 ? `${said}, ${dateFormat(language, { timeStyle: 'short' }).format(date)}` : said
  }
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : ({ year: 'numeric' } as const)
  return dateFormat(language, { day: 'numeric', month: 'short', ...year }).format(date)
}

/** The full date and time, for a tooltip or the details of an entry. */
export function formatDateExactly(ms: number, language: string): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return ''
  return dateFormat(language, { dateStyle: 'long', timeStyle: 'medium' }).format(new Date(ms))
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0)
}

/** Making a formatter takes some hundred times as long as using it, and lists format thousands of cells. */
const numberFormats = new Map<string, Intl.NumberFormat>()
const dateFormats = new Map<string, Intl.DateTimeFormat>()
const relativeFormats = new Map<string, Intl.RelativeTimeFormat>()

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options)
  const known = numberFormats.get(key) ?? new Intl.NumberFormat(language, options)
  numberFormats.set(key, known)
  return known
}

function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options)
  const known = dateFormats.get(key) ?? new Intl.DateTimeFormat(language, options)
  dateFormats.set(key, known)
  return known
}

function relativeFormat(language: string): Intl.RelativeTimeFormat {
  const known = relativeFormats.get(language) ?? new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  relativeFormats.set(language, known)
  return known
}
