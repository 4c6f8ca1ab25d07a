/** `npm run lint`: types, style and import directions, without the tests. */
import { runChecks } from './checks.mjs'
import { say } from './place.mjs'
import { setup } from './setup.mjs'

try {
  await setup({ withBuild: false })
  const { failed } = await runChecks()
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
