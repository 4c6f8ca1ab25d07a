import { createInstance } from 'i18next'
import {
  formatBits,
  formatCount,
  formatDate,
  formatDateExactly,
  formatDuration,
  formatExactBits,
  formatNumber,
  formatPercent,
  formatShare,
  formatShortTime,
  formatSize,
} from '../format'
import archiveDe from './archive.de.json'
import archiveEn from './archive.en.json'
import de from './de.json'
import en from './en.json'
import insightDe from './insight.de.json'
import insightEn from './insight.en.json'

export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other'
type WithoutPlural<Key extends string> = Key extends `${infer Stem}_${PluralForm}` ? Stem : Key
type KeysOf<Texts> = {
  [Key in keyof Texts & string]: Texts[Key] extends string ? WithoutPlural<Key> : `${Key}.${KeysOf<Texts[Key]>}`
}[keyof Texts & string]

/** Names of all texts; those of the archive's view begin with "archive:", those of its insight, surprise and tensors with "insight:". */
export type TextKey = KeysOf<typeof en> | `archive:${KeysOf<typeof archiveEn>}` | `insight:${KeysOf<typeof insightEn>}`
export type TextValues = Readonly<Record<string, string | number>>

const texts = createInstance({
  lng: 'en',
  fallbackLng: 'en',
  resources: {
    en: { window: en, archive: archiveEn, insight: insightEn },
    de: { window: de, archive: archiveDe, insight: insightDe },
  },
  ns: ['window', 'archive', 'insight'],
  defaultNS: 'window',
  initAsync: false,
  // Texts go into text nodes and attributes through Svelte, which escapes; never into HTML.
  interpolation: { escapeValue: false },
})
void texts.init()

let chosen = $state<Language>('en')
/** The chosen language with the region of the system, if that speaks it: dates and numbers differ by region. */
let region = $state('en')

/**
 * Sets the language of all texts; what is on the screen follows.
 * @param wanted the settings' language
 * @param preferred the system's, best first
 */
export function setLanguage(wanted: 'system' | Language, preferred: readonly string[] = navigator.languages): void {
  const best = preferred.find((tag) => languages.some((language) => tag.split('-', 1)[0] === language))
  const system = languages.find((language) => best?.split('-', 1)[0] === language) ?? 'en'
  chosen = wanted === 'system' ? system : wanted
  region = preferred.find((tag) => tag.split('-', 1)[0] === chosen) ?? chosen
  if (typeof document !== 'undefined') document.documentElement.lang = chosen
}

/** The language of all texts. */
export function chosenLanguage(): Language {
  return chosen
}

/** The text of a name in the chosen language. `count` chooses singular or plural. */
export function t(key: TextKey, values: TextValues = {}): string {
  return texts.t(key, { ...values, lng: chosen })
}

/** Whether a text of this name is there: for names put together at run time. */
export function isTextKey(key: string): key is TextKey {
  return texts.exists(key)
}

/** Numbers and dates in the chosen language; see format.ts. */
export const say = {
  size: (bytes: number): string => formatSize(bytes, region),
  bits: (bits: number): string => formatBits(bits, region),
  exactBits: (bits: number): string => formatExactBits(bits, region),
  shortTime: (seconds: number): string => formatShortTime(seconds, region),
  count: (count: number): string => formatCount(count, region),
  number: (value: number): string => formatNumber(value, region),
  percent: (part: number): string => formatPercent(part, region),
  share: (share: number): string => formatShare(share, region),
  duration: (seconds: number): string => formatDuration(seconds, region),
  date: (ms: number): string => formatDate(ms, region),
  dateExactly: (ms: number): string => formatDateExactly(ms, region),
}
