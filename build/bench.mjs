/** `npm run bench`: sets up, then measures lmz against the installed peers; arguments go to test/bench/bench.ts. */
import { join } from 'node:path'
import { folderOfUser, pinnedNode, root, say } from './place.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'

const folder = folderOfUser()
try {
  await setup()
  process.exitCode = await run(pinnedNode(), [join(root, 'test/bench/bench.ts'), ...process.argv.slice(2)], { folder })
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
