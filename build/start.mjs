/**
 * `npm start`: sets up, then runs the command line with the arguments given. npm prints two lines of its own on standard
 * output first; `npm start --silent -- list x.lmz --json` or out/lmz keep it clean.
 */
import { join } from 'node:path'
import { folderOfUser, pinnedNode, root, say } from './place.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'

const folder = folderOfUser()
const given = process.argv.slice(2)
try {
  await setup()
  if (given.length === 0) say('the window is not built yet; this is the command line (npm start -- <command>)')
  const commandLine = join(root, 'out/main/cli.js')
  process.exitCode = await run(pinnedNode(), [commandLine, ...(given.length > 0 ? given : ['--help'])], { folder })
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
