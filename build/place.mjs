/** Where things lie, and which Node runs them. Built-ins only, and nothing newer than Node 18. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const oldestNode = 24

/** The Node binary that comes with the packages, or the running Node where it is new enough. */
export function pinnedNode() {
  const windows = process.platform === 'win32'
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const path = join(root, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  if (existsSync(path)) return path
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return process.execPath
  throw new Error(
    `lmz runs on Node ${oldestNode}. For ${process.platform} on ${process.arch} that does not come with the packages, ` +
      `and this is Node ${process.versions.node}: install Node ${oldestNode} or newer and start again.`,
  )
}

/** The folder in which the user typed the command; npm itself changes to the project's before it runs a script. */
export function folderOfUser() {
  const startedByNpm = process.env.npm_package_json === join(root, 'package.json') && process.cwd() === root
  return (startedByNpm && process.env.INIT_CWD) || process.cwd()
}

export function runsAsProgram(moduleAddress) {
  return process.argv[1] !== undefined && realpathSync(resolve(process.argv[1])) === fileURLToPath(moduleAddress)
}

/** One line to the person at the terminal; standard output belongs to the program that is started. */
export function say(line) {
  process.stderr.write(`lmz: ${line}\n`)
}
