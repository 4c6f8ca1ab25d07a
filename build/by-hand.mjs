/** `npm run screenshots` and `npm run bench:window`: sets up, then runs what drives the window in a browser for a person to look at. */
import { join } from 'node:path'
import { pinnedNode, root, say } from './place.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'

try {
  await setup()
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const config = join(root, 'test/window/browser/by-hand.config.ts')
  process.exitCode = await run(pinnedNode(), [program, 'run', '--config', config, ...process.argv.slice(2)], {
    folder: root,
  })
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
