import { app, type Session, session, type WebContents } from 'electron'
import { isOwnAddress, pageAddress } from './app-scheme'

/*
 * What pages may not do, whatever they hold. The window shows names and contents that strangers chose; should one of them ever
 * become code, it finds itself in a page that can go nowhere, open nothing, and ask for nothing.
 */

/** To be called when the app is ready. */
export function guardSession(guarded: Session = session.defaultSession): void {
  guarded.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(mayUse(permission, requestingUrl)),
  )
  guarded.setPermissionCheckHandler((_contents, permission, origin) => mayUse(permission, origin))
  guarded.setDevicePermissionHandler(() => false)
  guarded.on('will-download', (event) => event.preventDefault())
  guarded.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isHarmless(url) }))
}

/** Holds for every page there ever is, so that none can be forgotten. */
export function guardPages(): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents))
}

function guardPage(contents: WebContents): void {
  // A file or a link that is dropped where the page takes no drops would be opened in its place.
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    // The page may load itself anew.
    if (event.url !== pageAddress) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** Text that the user copies may be put on the clipboard, which Chromium lets a page do only while a key or button is being pressed. */
function mayUse(permission: string, address: string): boolean {
  return permission === 'clipboard-sanitized-write' && isOwnAddress(address)
}

/** What the page comes from, what it makes itself, and the developer tools, which a package has not. */
function isHarmless(url: string): boolean {
  return isOwnAddress(url) || /^(blob|data|devtools):/.test(url)
}
