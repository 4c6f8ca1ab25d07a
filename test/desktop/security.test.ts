import { expect, test } from 'vitest'
import { DesktopApp, sharedBrowser } from './desktop-app'
import { PageClient } from './page-client'

/* A window shows names and contents that strangers chose. Whatever gets into its page must find nothing there to use. */

const shared = sharedBrowser()

async function openWindow(): Promise<{ readonly app: DesktopApp; readonly client: PageClient }> {
  const app = new DesktopApp(shared, [])
  return { app, client: await PageClient.connect(await app.page(1)) }
}

test('the page has no rights but its own: sandboxed, isolated, and with one small bridge', async () => {
  const { app, client } = await openWindow()
  expect(app.asked('app.enableSandbox')).toHaveLength(1)
  const [[, options]] = app.asked('window.new') as [[number, { readonly webPreferences: object }]]
  expect(options.webPreferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    navigateOnDragDrop: false,
  })
  expect(await client.page.evaluate('Object.keys(window.lmzDesktop)')).toEqual(['pathOf'])
})

test('the page goes nowhere: no other address, no new window, no request to a site', async () => {
  const { app, client } = await openWindow()
  const { page } = client
  const before = page.url()
  await page.evaluate("location.href = 'https://example.com/'")
  await expect.poll(() => app.asked('webContents.asked').length).toBe(1)
  expect(app.asked('webContents.asked')[0]).toEqual(['will-navigate', { url: 'https://example.com/' }, false])
  expect(page.url()).toBe(before)
  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
    expect(await app.do('asks', 1, name), name).toBe(false)
  }
  expect(await app.do('mayOpen', 1, 'https://example.com/')).toBe('deny')
  expect(await app.do('mayOpen', 1, 'lmz-app://window/')).toBe('deny')
  for (const url of ['https://example.com/x.png', 'file:///etc/passwd', 'http://127.0.0.1/', 'lmz-app://other/x']) {
    expect(await app.do('mayRequest', url), url).toBe(false)
  }
  expect(await app.do('mayRequest', 'lmz-app://window/assets/x.js')).toBe(true)
  // Still served.
  expect((await client.shell('facts')).kind).toBe('desktop')
})

test('the page is granted nothing: no permission, no device, no download', async () => {
  const { app } = await openWindow()
  for (const permission of ['geolocation', 'media', 'notifications', 'clipboard-read', 'openExternal', 'fullscreen']) {
    const answer = await app.do('askForPermission', permission, 'lmz-app://window/')
    expect(answer, permission).toEqual({ request: false, check: false, device: false })
  }
  // But to put text on the clipboard that the user copies.
  const copying = (url: string): Promise<unknown> => app.do('askForPermission', 'clipboard-sanitized-write', url)
  expect(await copying('lmz-app://window/')).toEqual({ request: true, check: true, device: false })
  expect(await copying('https://example.com/')).toEqual({ request: false, check: false, device: false })
  expect(await app.do('mayDownload')).toBe(false)
})

test('text cannot become code in the page, on no way there is', async () => {
  const { client } = await openWindow()
  const ways = {
    markup: "document.body.innerHTML = '<img src=x onerror=alert(1)>'",
    handler: "document.body.setAttribute('onclick', 'alert(1)')",
    script: "document.createElement('script').text = 'alert(1)'",
    address: "document.createElement('script').src = 'data:text/javascript,alert(1)'",
    frame: "document.createElement('iframe').srcdoc = '<script>alert(1)</script>'",
  }
  for (const [way, code] of Object.entries(ways)) {
    await expect(client.page.evaluate(`{ ${code} }`), way).rejects.toThrow(/requires 'Trusted/)
  }
  const evaluated = client.page.evaluate(
    "new Promise((done) => { addEventListener('message', (e) => done(e.data)); setTimeout(() => { try { eval('1'); done('ran') } catch (error) { done(error.name) } }) })",
  )
  expect(await evaluated).toBe('EvalError')
})

test('the scheme serves the built page and nothing else of the disk', async () => {
  const { app } = await openWindow()
  const get = (url: string): Promise<unknown> => app.do('get', url)
  const index = (await get('lmz-app://window/')) as {
    readonly status: number
    readonly headers: Record<string, string>
  }
  expect(index.status).toBe(200)
  expect(index.headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'/)
  expect(index.headers['content-security-policy']).not.toMatch(/unsafe/)
  expect(index.headers['x-content-type-options']).toBe('nosniff')
  const outside = [
    'lmz-app://window/../main/desktop.js',
    'lmz-app://window/%2e%2e/main/desktop.js',
    'lmz-app://window/..%2fmain%2fdesktop.js',
    'lmz-app://window/..%5cmain%5cdesktop.js',
    'lmz-app://window//etc/hosts.html',
    'lmz-app://window/%00index.html',
    'lmz-app://window/%zz.html',
    'lmz-app://window/assets',
    'lmz-app://elsewhere/index.html',
  ]
  for (const url of outside) expect(await get(url), url).toMatchObject({ status: 404 })
})

test("only the window's own page is given a port", async () => {
  const { app, client } = await openWindow()
  const foreign: readonly (readonly [string, boolean])[] = [
    ['https://example.com/', true],
    ['lmz-app://window.example.com/', true],
    ['lmz-app://window/', false],
    ['about:blank', false],
  ]
  for (const [url, isMainFrame] of foreign) await app.do('foreignMessage', 1, 'lmz:connect', url, isMainFrame)
  expect(app.asked('webContents.postMessage')).toEqual([['lmz:port']])
  expect((await client.shell('facts')).kind).toBe('desktop')
  expect(await client.isClosed()).toBe(false)
})

test('calls that are none are refused, and the app goes on', async () => {
  const { client } = await openWindow()
  await expect(client.call('shell', 'constructor', [])).rejects.toThrow('Usage')
  await expect(client.call('shell', 'reveal', ['relative/path'])).rejects.toThrow('Usage')
  await expect(client.call('shell', 'reveal', [{ path: '/' }])).rejects.toThrow('Usage')
  await expect(client.call('engine', 'close', [])).rejects.toThrow('Usage')
  await expect(client.call('engine', 'read', [1, 1, 0, 10])).rejects.toThrow('Usage')
  await expect(client.call('shell', 'newUpload', [])).rejects.toThrow('Unsupported')
  expect((await client.shell('facts')).kind).toBe('desktop')
})
