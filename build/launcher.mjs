/** Writes out/lmz and out/lmz.cmd, which run the command line on the pinned Node without npm. */
import { chmodSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pinnedNode, root } from './place.mjs'

const posixLauncher = join(root, 'out', 'lmz')
const windowsLauncher = join(root, 'out', 'lmz.cmd')

export function launchersArePresent() {
  return existsSync(posixLauncher) && existsSync(windowsLauncher)
}

export function writeLaunchers() {
  writeWhole(posixLauncher, posixText())
  writeWhole(windowsLauncher, windowsText())
}

function posixText() {
  return `#!/bin/sh
# The lmz command on the Node it is built for. Finds its own folder even when it is called through a symbolic link.
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
here=$(CDPATH= cd -- "$(dirname -- "$self")" && pwd -P) || exit 1
exec ${nodeFrom('"$here"/', (path) => `'${path.replaceAll("'", "'\\''")}'`)} --max-semi-space-size=4 "$here/main/cli.js" "$@"
`
}

function windowsText() {
  const node = nodeFrom('%~dp0', (path) => path).replaceAll('/', '\\')
  return `@echo off\r\n"${node}" --max-semi-space-size=4 "%~dp0main\\cli.js" %*\r\n`
}

/** The binary in node_modules is named from the launcher's own folder, so that the whole tree can be moved. */
function nodeFrom(here, quote) {
  const path = pinnedNode()
  const inTree = relative(join(root, 'out'), path)
  return inTree.startsWith(join('..', 'node_modules')) ? here + quote(inTree) : quote(path)
}

function writeWhole(path, text) {
  writeFileSync(`${path}.new`, text)
  chmodSync(`${path}.new`, 0o755)
  renameSync(`${path}.new`, path)
}
