import { isTextKey, t } from '../i18n/text.svelte'

const arrows: Readonly<Record<string, string>> = { Left: '←', Right: '→', Up: '↑', Down: '↓' }

/** Signs on the keys of a Mac (Apple's style guide). */
const macSigns: Readonly<Record<string, string>> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧' }

function isMac(): boolean {
  return typeof navigator !== 'undefined' && /mac/i.test(navigator.userAgent)
}

/** The keys of a stroke such as "Ctrl+E" or "Alt+Left", as they are called in the chosen language and on this system. */
export function keysOf(stroke: string): readonly string[] {
  return stroke.split('+').map((key) => {
    const sign = isMac() ? macSigns[key] : undefined
    const name = `keyNames.${key}`
    return sign ?? arrows[key] ?? (isTextKey(name) ? t(name) : key)
  })
}

/** The same in one word, for menus and tooltips. */
export function shownKeys(stroke: string): string {
  return keysOf(stroke).join(isMac() ? '' : '+')
}
