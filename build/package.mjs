/**
 * `npm run package`: sets up, then makes the installers for this system in dist/. Arguments go to electron-builder, as in
 * `npm run package -- --linux deb --x64`. Needs Electron's binaries, which electron-builder fetches.
 */
import { join } from 'node:path'
import { pinnedNode, root, say } from './place.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'

try {
  await setup()
  const program = join(root, 'node_modules/electron-builder/cli.js')
  const parameters = ['--config', 'build/electron-builder.mjs', '--publish', 'never', ...process.argv.slice(2)]
  process.exitCode = await run(pinnedNode(), [program, ...parameters], { folder: root })
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
