import type { Dirent } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { toLmzError } from '../../contract/error'
import type { DiskFolder, DiskItem } from '../../contract/shell-api'

/** Items asked about at a time: enough for a slow network folder, and few enough to leave file descriptors for others. */
const together = 64
/** Nobody looks for a file among more; a folder of a million must not stop the window. */
const mostItems = 20_000

/** What is above all drives on Windows. */
const allDrives = ''

/** A folder for choosing from: folders first, each part by name. @throws LmzError `NotFound`, `Io` */
export async function listFolder(path: string): Promise<DiskFolder> {
  if (path === allDrives && process.platform === 'win32') return { path, items: await drives() }
  const folder = resolve(path)
  let found: readonly Dirent[]
  try {
    found = (await readdir(folder, { withFileTypes: true })).slice(0, mostItems)
  } catch (thrown) {
    throw toLmzError(thrown, `Cannot look into ${folder}`, folder)
  }
  const items: DiskItem[] = []
  for (let start = 0; start < found.length; start += together) {
    items.push(...(await Promise.all(found.slice(start, start + together).map((one) => itemOf(folder, one)))))
  }
  const byName = new Intl.Collator(undefined, { numeric: true }).compare
  items.sort((one, other) => Number(other.isDirectory) - Number(one.isDirectory) || byName(one.name, other.name))
  return { path: folder, parent: parentOf(folder), items }
}

function parentOf(folder: string): string | undefined {
  const parent = dirname(folder)
  if (parent !== folder) return parent
  return process.platform === 'win32' ? allDrives : undefined
}

/** As what a link leads to; what cannot be looked at is shown by its name. */
async function itemOf(folder: string, entry: Dirent): Promise<DiskItem> {
  const { name } = entry
  const path = join(folder, name)
  try {
    const found = await stat(path)
    const isDirectory = found.isDirectory()
    return { name, path, isDirectory, bytes: isDirectory ? undefined : found.size, mtimeMs: found.mtimeMs }
  } catch {
    return { name, path, isDirectory: entry.isDirectory() }
  }
}

async function drives(): Promise<readonly DiskItem[]> {
  const letters = Array.from({ length: 26 }, (_, place) => `${String.fromCharCode(65 + place)}:\\`)
  const there = await Promise.all(
    letters.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return letters.filter((_, place) => there[place]).map((path) => ({ name: path, path, isDirectory: true }))
}
