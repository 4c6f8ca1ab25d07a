import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { launchChromium, testBrowser } from '../support/chromium'
import { openWebShell } from '../support/web-window'

let browser: Browser

async function serveAttack(): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>other</title><p>other page</p>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

/** What a page can try, each with what came of it. */
function attack(page: Page, target: string): Promise<Record<string, unknown>> {
  return page.evaluate(async (origin) => {
    const attempt = async (work: () => Promise<unknown>): Promise<unknown> => {
      try {
        return await work()
      } catch (error) {
        return error instanceof Error ? error.name : 'failed'
      }
    }
    const loaded = (element: HTMLElement & { src: string }, path: string): Promise<string> =>
      new Promise((resolve) => {
        element.onload = () => resolve('loaded')
        element.onerror = () => resolve('refused')
        element.src = origin + path
        document.body.append(element)
      })
    const asset = '/index.html'
    return {
      read: await attempt(async () => (await fetch(`${origin}/`, { credentials: 'include' })).status),
      write: await attempt(async () => {
        const options: RequestInit = { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'evil' }
        return (await fetch(`${origin}/upload/00/x`, options)).type
      }),
      link: await attempt(
        () =>
          new Promise((resolve) => {
            const socket = new WebSocket(`${origin.replace('http', 'ws')}/link`)
            socket.onopen = () => resolve('open')
            socket.onerror = () => resolve('refused')
          }),
      ),
      script: await loaded(document.createElement('script'), asset),
      image: await loaded(document.createElement('img'), asset),
      frame: await attempt(async () => {
        const frame = document.createElement('iframe')
        await loaded(frame, '/')
        try {
          return frame.contentDocument === null ? 'out of reach' : 'empty'
        } catch {
          return 'out of reach'
        }
      }),
    }
  }, target)
}

describe.skipIf(testBrowser === undefined)('in a real browser', () => {
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  test('the page is shown under its content policy, linked, and asks for nothing from anywhere else', async () => {
    const { address, origin, desk } = await openWebShell()
    const page = await browser.newPage()
    const complaints: string[] = []
    const asked: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    const linked = page.waitForEvent('websocket')
    await page.goto(address)
    expect(page.url()).toBe(`${origin}/`)
    expect((await linked).url()).toBe(`${origin.replace('http', 'ws')}/link`)
    // Its first sentences come from the shell: without the link there would be none.
    await page.waitForFunction(() => document.body.innerText.trim().length > 0)
    await page.waitForLoadState('networkidle')
    expect(complaints).toEqual([])
    expect(new Set(asked)).toEqual(new Set([origin]))
    expect(desk.host.jobs()).toEqual([])
    await page.close()
  })

  test('code that gets into the page is not run, and sends nothing', async () => {
    const { address } = await openWebShell()
    const page = await browser.newPage()
    await page.goto(address)
    await page.waitForFunction(() => document.body.innerText.trim().length > 0)
    const outcome = await page.evaluate(async () => {
      const tries: Record<string, unknown> = {}
      const marks = globalThis as { ran?: boolean }
      try {
        document.body.innerHTML = '<img src=x onerror="globalThis.ran = true">'
        tries['markup'] = 'taken'
      } catch {
        tries['markup'] = 'refused'
      }
      const script = document.createElement('script')
      try {
        script.textContent = 'globalThis.ran = true'
      } catch {
        tries['script'] = 'refused'
      }
      document.body.append(script)
      const image = document.createElement('img')
      try {
        image.setAttribute('onerror', 'globalThis.ran = true')
      } catch {
        tries['handler'] = 'refused'
      }
      image.src = '/none'
      document.body.append(image)
      // Later, for what a debugger evaluates may do what the page itself may not.
      tries['eval'] = await new Promise((resolve) => {
        setTimeout(() => {
          try {
            resolve((0, eval)('1'))
          } catch {
            resolve('refused')
          }
        })
      })
      tries['fetch'] = await fetch('http://127.0.0.1:9/').then(
        () => 'sent',
        () => 'refused',
      )
      await new Promise((pause) => setTimeout(pause, 300))
      return { ...tries, ran: marks.ran === true }
    })
    const refused = { markup: 'refused', script: 'refused', handler: 'refused', eval: 'refused', fetch: 'refused' }
    expect(outcome).toEqual({ ...refused, ran: false })
    await page.close()
  })

  test('a page of another port, host or tab of the same browser gets nothing', async () => {
    const { address, origin, desk } = await openWebShell()
    const context = await browser.newContext()
    const ours = await context.newPage()
    await ours.goto(address)
    const server = await serveAttack()
    const { port } = server.address() as AddressInfo
    for (const host of ['127.0.0.1', 'localhost']) {
      const page = await context.newPage()
      await page.goto(`http://${host}:${port}/`)
      expect(await attack(page, origin)).toEqual({
        read: 'TypeError',
        write: 'TypeError',
        link: 'refused',
        script: 'refused',
        image: 'refused',
        frame: 'out of reach',
      })
      // Nor does a window it opens itself.
      const [opened] = await Promise.all([
        context.waitForEvent('page'),
        page.evaluate((target) => void window.open(target), `${origin}/`),
      ])
      await opened.waitForLoadState()
      expect(await opened.textContent('body')).toContain('lmz serves no other page.')
      expect(await opened.evaluate(() => (window.opener as unknown) === null)).toBe(true)
      await opened.close()
      await page.close()
    }
    expect(desk.host.jobs()).toEqual([])
    await context.close()
  })

  test('a name that is rebound to this computer gets nothing', async () => {
    const { address, origin } = await openWebShell()
    const { port } = new URL(origin)
    const rebound = await browser.newContext()
    const page = await rebound.newPage()
    const response = await page.goto(address.replace('127.0.0.1', 'localhost'))
    expect(response!.status()).toBe(421)
    expect(await page.textContent('body')).toContain('This is not the address of lmz.')
    expect((await rebound.cookies(`http://localhost:${port}`)).length).toBe(0)
    await rebound.close()
  })
})
