import { createReadStream, existsSync, readdirSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { LmzError } from '../../contract/error'
import { protectingHeaders } from './response'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** Where the build puts the window's page. */
export function builtPage(): string {
  const fromHere = import.meta.url.includes('/src-main/') ? '../../../out/renderer' : '../renderer'
  return fileURLToPath(new URL(fromHere, import.meta.url))
}

/**
 * The files of the built page by their addresses. They are listed once: an address that is not in the list leads nowhere, so
 * none can lead out of the folder.
 */
export class PageFiles {
  readonly #paths: ReadonlyMap<string, string>

  constructor(folder: string) {
    if (!existsSync(join(folder, 'index.html'))) {
      throw new LmzError('NotFound', `The window's page is not built: there is no ${join(folder, 'index.html')}.`)
    }
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (one) => one.isFile() && types[extname(one.name)] !== undefined,
    )
    const paths = files.map((one) => join(one.parentPath, one.name))
    this.#paths = new Map(paths.map((path) => [path.slice(folder.length).replaceAll('\\', '/'), path]))
  }

  /** @returns whether there is such a file */
  answer(response: ServerResponse, address: string): boolean {
    const path = this.#paths.get(address === '/' ? '/index.html' : address)
    if (path === undefined) return false
    response.writeHead(200, { ...protectingHeaders, 'content-type': types[extname(path)] })
    // Whatever breaks it off, the browser sees by the missing end.
    pipeline(createReadStream(path), response, () => undefined)
    return true
  }
}
