/** `npm run fuzz`: sets up, then lets the fuzzers of test/fuzz at lmz; LMZ_FUZZ_SECONDS says for how long each. */
import { join } from 'node:path'
import { pinnedNode, root, say } from './place.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'

try {
  await setup()
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const config = join(root, 'test/fuzz/vitest.config.ts')
  process.exitCode = await run(pinnedNode(), [program, 'run', '--config', config, ...process.argv.slice(2)], {
    folder: root,
  })
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
