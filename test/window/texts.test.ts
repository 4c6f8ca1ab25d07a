import { describe, expect, test } from 'vitest'
import { LmzError, type LmzErrorData, lmzErrorCodes, systemReasons, toLmzError } from '../../src-main/contract/error'
import archiveDe from '../../src-renderer/i18n/archive.de.json'
import archiveEn from '../../src-renderer/i18n/archive.en.json'
import de from '../../src-renderer/i18n/de.json'
import en from '../../src-renderer/i18n/en.json'
import insightDe from '../../src-renderer/i18n/insight.de.json'
import insightEn from '../../src-renderer/i18n/insight.en.json'
import { errorWords } from '../../src-renderer/i18n/error-words'
import { say, setLanguage, t } from '../../src-renderer/i18n/text.svelte'

function flat(texts: object, before = ''): Map<string, string> {
  const all = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') all.set(before + key, value)
    else for (const [below, text] of flat(value as object, `${before}${key}.`)) all.set(below, text)
  }
  return all
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name ?? '').sort()
}

describe.each([
  ['window', en, de],
  ['archive', archiveEn, archiveDe],
  ['insight', insightEn, insightDe],
])('the texts of %s', (_name, english, german) => {
  const [ofEnglish, ofGerman] = [flat(english), flat(german)]

  test('have the same names in both languages', () => {
    expect([...ofGerman.keys()].sort()).toEqual([...ofEnglish.keys()].sort())
  })

  test('name the same values in both languages', () => {
    for (const [key, text] of ofEnglish) {
      expect([key, placeholders(ofGerman.get(key) ?? '')]).toEqual([key, placeholders(text)])
    }
  })

  test('are not empty, and do not shout', () => {
    for (const [key, text] of [...ofEnglish, ...ofGerman])
      expect([key, text]).toEqual([key, expect.stringMatching(/^[^!]+$/)])
  })
})

test('every error says what happened, what is safe and what to do, in both languages', () => {
  for (const language of ['en', 'de'] as const) {
    setLanguage(language, [])
    for (const code of lmzErrorCodes) {
      const words = errorWords({ code, message: 'Exactly.' })
      expect([code, words.happened, words.safe, words.next]).not.toContainEqual(expect.stringContaining('errors.'))
      if (language === 'en') expect(words.detail).toBe('Exactly.')
    }
  }
})

test('in German, what the system answered is said in German, and what only the engine can say is marked as English', () => {
  const ofSystem = (code: string): LmzErrorData =>
    toLmzError(Object.assign(new Error(), { code }), 'Cannot write /a/b.lmz', '/a/b.lmz').toData()
  setLanguage('de', [])
  expect(errorWords(ofSystem('EFBIG'))).toMatchObject({
    happened: 'Der Datenträger ist voll',
    detail: '/a/b.lmz: Das Dateisystem erlaubt keine so große Datei',
    detailLanguage: undefined,
  })
  for (const system of systemReasons) {
    const { detail, detailLanguage } = errorWords(LmzError.fromData(ofSystem(system)).toData())
    expect([detail, detailLanguage]).toEqual([expect.stringMatching(/^\/a\/b\.lmz: (?!systemErrors)/), undefined])
  }
  const exact = errorWords({ code: 'Limit', message: 'The names are too long.' })
  expect([exact.detail, exact.detailLanguage]).toEqual(['The names are too long.', 'en'])
  expect(errorWords({ code: 'Auth', reason: 'password', message: 'That is not the password.' }).detail).toBe('')
  expect(errorWords({ code: 'Cancelled', message: 'Cancelled. Nothing was changed.' }).detail).toBe('')
  const damage = { code: 'Corrupt', message: 'Block 2 at byte 3044 is damaged.', offset: 3044 } as const
  expect(errorWords(damage).detail).toBe('Bei Byte 3.044 des Archivs.')
  setLanguage('en', [])
  expect(errorWords(damage).detail).toBe(damage.message)
  const { message } = ofSystem('EFBIG')
  expect(errorWords(ofSystem('EFBIG'))).toMatchObject({ detail: message, detailLanguage: undefined })
})

test('an error shows no characters that turn the line around', () => {
  expect(errorWords({ code: 'Io', message: 'Cannot read a\u202etxt.exe', subject: 'a' }).detail).toBe(
    'Cannot read a\\u202etxt.exe',
  )
})

test('the language of the system counts until another is chosen', () => {
  setLanguage('system', ['fr-FR', 'de-AT', 'en-US'])
  expect(t('common.cancel')).toBe('Abbrechen')
  setLanguage('en', ['de-AT', 'en-GB'])
  expect(t('common.cancel')).toBe('Cancel')
  // Dates and numbers as in the region that the system names for this language.
  expect(say.date(new Date(2020, 4, 3).getTime())).toBe('3 May 2020')
  setLanguage('system', ['fr-FR'])
  expect(t('common.cancel')).toBe('Cancel')
})

test('numbers of files agree with their word', () => {
  setLanguage('en', [])
  expect(t('common.files', { count: 1 })).toBe('1 file')
  expect(t('common.files', { count: 1204 })).toBe('1,204 files')
  setLanguage('de', [])
  expect(t('common.files', { count: 1204 })).toBe('1.204 Dateien')
})

test('names go into texts as they are', () => {
  setLanguage('en', [])
  expect(t('start.forget', { name: '<b> & {{x}} $t(common.close)' })).toBe(
    'Remove <b> & {{x}} $t(common.close) from this list',
  )
})
