import { app } from 'electron'
import { createInstance } from 'i18next'
import type { Settings } from '../../contract/shell-api'
import german from './texts/de.json'
import english from './texts/en.json'

/* What the system shows for lmz: menus, dialogs, notifications. The window's own texts are the renderer's. */

const texts = createInstance()

/** To be called when the app is ready, and when the setting changes. */
export async function useLanguage(language: Settings['language']): Promise<void> {
  await texts.init({
    lng: language === 'system' ? app.getLocale() : language,
    fallbackLng: 'en',
    resources: { en: { translation: english }, de: { translation: german } },
    // Nothing here becomes markup.
    interpolation: { escapeValue: false },
  })
}

/** @param key as "menu.file" */
export function text(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  return texts.t(key, values)
}
