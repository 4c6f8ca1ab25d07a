/**
 * `npm test`: sets up, runs the checks and every test, and ends with one line: `N passed, N failed[, N skipped]`.
 * Arguments go to vitest and leave the checks out: `npm test -- test/unit/format`.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runChecks } from './checks.mjs'
import { pinnedNode, root, say } from './place.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'

const report = join(root, 'out', 'test-results.json')
const chosen = process.argv.slice(2)

async function runTests() {
  rmSync(report, { force: true })
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run(pinnedNode(), [program, 'run', ...reporters, ...chosen], { folder: root })
  const counts = countTests()
  // Unhandled errors, failed hooks, a crash or no test at all: vitest says so by its exit code and counts no test for it.
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

function countTests() {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  if (!existsSync(report)) return { ...counts, failed: 1 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  // A file that fails before its first test has none that could count as failed.
  const failedFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  counts.passed = numPassedTests
  counts.failed = numFailedTests + failedFiles.length
  counts.skipped = numPendingTests + numTodoTests
  if (counts.passed + counts.failed === 0) counts.failed = 1
  return counts
}

const total = { passed: 0, failed: 0, skipped: 0 }
function add(counts) {
  for (const [name, count] of Object.entries(counts)) total[name] += count
}

try {
  await setup()
  if (chosen.length === 0) add(await runChecks())
  add(await runTests())
} catch (error) {
  say(error.message)
  total.failed += 1
}
process.exitCode = total.failed === 0 ? 0 : 1
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`)
