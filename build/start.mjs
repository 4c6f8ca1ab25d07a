/**
 * `npm start`: sets up, then shows the window: Electron's where that program is, or else one in a browser. With arguments it is
 * the command line. npm prints two lines of its own on standard output first; `npm start --silent -- list x.lmz --json` or
 * out/lmz keep it clean.
 */
import { join } from 'node:path'
import { desktopApp } from './electron.mjs'
import { folderOfUser, pinnedNode, root, say } from './place.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'

const folder = folderOfUser()
const given = process.argv.slice(2)
try {
  await setup()
  process.exitCode = await (given.length > 0 ? commandLine(given) : openWindow())
} catch (error) {
  say(error.message)
  process.exitCode = 1
}

function openWindow() {
  const app = desktopApp()
  if (app !== undefined) return run(app.program, [app.entry], { folder })
  say(
    "Electron's program is not installed, so the window opens in a browser (npm start -- --help for the command line)",
  )
  return commandLine(['serve'])
}

function commandLine(parameters) {
  return run(pinnedNode(), ['--max-semi-space-size=4', join(root, 'out/main/cli.js'), ...parameters], { folder })
}
