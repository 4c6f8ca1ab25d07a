import { protocol } from 'electron'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { contentPolicy } from '../window/page-policy'

/*
 * The window's page comes from a scheme of its own: it has an origin that no site can have, and nothing of the disk can be
 * addressed through it but the built renderer.
 */

const scheme = 'lmz-app'
const appOrigin = `${scheme}://window`
export const pageAddress = `${appOrigin}/`

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** Whether an address is one of the page or of what belongs to it. */
export function isOwnAddress(address: string): boolean {
  return address === appOrigin || address.startsWith(pageAddress)
}

/** To be called before the app is ready. */
export function declareAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
  protocol.registerSchemesAsPrivileged([{ scheme, privileges }])
}

/** @param folder the built renderer */
export function serveAppScheme(folder: string): void {
  protocol.handle(scheme, (request) => answer(folder, request))
}

async function answer(folder: string, { method, url }: Pick<Request, 'method' | 'url'>): Promise<Response> {
  const path = method === 'GET' ? fileOf(folder, new URL(url)) : undefined
  const type = contentTypes[extname(path ?? '')]
  if (path === undefined || type === undefined) return notFound()
  try {
    const body = await readFile(path)
    return new Response(body, {
      headers: {
        'Content-Type': type,
        'Content-Security-Policy': contentPolicy,
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Resource-Policy': 'same-origin',
      },
    })
  } catch {
    return notFound()
  }
}

/** The file an address means; undefined for one that leads out of the folder. */
function fileOf(folder: string, { origin, protocol: given, host, pathname }: URL): string | undefined {
  // Where the scheme is not known to be a standard one, the origin of an address is "null".
  if (origin !== appOrigin && `${given}//${host}` !== appOrigin) return undefined
  let name: string
  try {
    name = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (name.includes('\0') || name.includes('\\')) return undefined
  const path = normalize(join(folder, name === '/' ? 'index.html' : name))
  return path.startsWith(folder + sep) ? path : undefined
}

function notFound(): Response {
  return new Response('', { status: 404 })
}
