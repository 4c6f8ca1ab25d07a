/** What built code needs: so that a package of the desktop app holds that and nothing else. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const imported = /\b(?:from|import)\s*\(?\s*["']([^"'\s]+)["']/g

/**
 * @param folder of the built files, which import each other as "./name.js"
 * @param entries names of the files that are started
 * @returns the names of all files that they lead to, and of the packages that any of these names
 */
export function reachableFrom(folder, entries) {
  const files = new Set()
  const packages = new Set()
  const next = [...entries]
  while (next.length > 0) {
    const name = next.pop()
    if (files.has(name) || !existsSync(join(folder, name))) continue
    files.add(name)
    for (const [, target] of readFileSync(join(folder, name), 'utf8').matchAll(imported)) {
      if (target.startsWith('./')) next.push(target.slice(2))
      else packages.add(target.split('/', target.startsWith('@') ? 2 : 1).join('/'))
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() }
}
