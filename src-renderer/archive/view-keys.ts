const isMac = navigator.userAgent.includes('Mac')

/** A key with Ctrl, or with Cmd on a Mac, as menus show it. */
export function withCommand(key: string): string {
  return isMac ? `⌘${key}` : `Ctrl+${key}`
}

/** What can be asked for by a key anywhere in the archive's window. */
export type ViewKey = 'back' | 'forward' | 'up' | 'search' | 'extract' | 'remove' | 'rename' | 'info' | 'escape'

/** Keys of one stroke, with Ctrl (or Cmd), Alt and Shift before them in this order. */
const keys: Readonly<Record<string, ViewKey>> = {
  Backspace: 'back',
  'Alt+ArrowLeft': 'back',
  'Alt+ArrowRight': 'forward',
  'Alt+ArrowUp': 'up',
  'Ctrl+f': 'search',
  '/': 'search',
  'Ctrl+e': 'extract',
  Delete: 'remove',
  F2: 'rename',
  'Ctrl+i': 'info',
  Escape: 'escape',
}

/** What a key that nothing else has taken means; undefined in fields and dialogs, which have their own. */
export function viewKey(event: KeyboardEvent): ViewKey | undefined {
  if (event.defaultPrevented || event.isComposing) return undefined
  const target = event.target instanceof Element ? event.target : undefined
  const own = target?.closest('input, textarea, select, dialog, [role="menu"]') ?? null
  if (own !== null) return undefined
  if (document.querySelector('dialog[open]') !== null) return undefined
  const stroke = [
    event.ctrlKey || event.metaKey ? 'Ctrl+' : '',
    event.altKey ? 'Alt+' : '',
    // A "/" needs Shift on some keyboards.
    event.shiftKey && event.key !== '/' ? 'Shift+' : '',
    event.key.length === 1 ? event.key.toLowerCase() : event.key,
  ].join('')
  return keys[stroke]
}
