/** What must hold for all source: types, style, import directions. Each counts as one test of `npm test`. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { pinnedNode, root } from './place.mjs'
import { run } from './run.mjs'

const checks = {
  types: [
    ['typescript/bin/tsc'],
    [
      'svelte-check/bin/svelte-check',
      '--tsconfig',
      'src-renderer/tsconfig.json',
      '--fail-on-warnings',
      '--output',
      'human',
    ],
    ['typescript/bin/tsc', '-p', 'test/window'],
  ],
  style: [
    ['eslint/bin/eslint.js', '.', '--max-warnings', '0'],
    ['prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn', '--cache', '--cache-strategy', 'content'],
  ],
  imports: [['dependency-cruiser/bin/dependency-cruiser.mjs', 'src-main', 'src-renderer', '--output-type', 'err']],
}

/**
 * Runs all checks side by side: style takes one core as long as all others take theirs.
 * @returns how many checks passed and failed; what is wrong has been printed
 */
export async function runChecks() {
  const results = await Promise.all(Object.entries(checks).map(([name, commands]) => isClean(name, commands)))
  const passed = results.filter(Boolean).length
  return { passed, failed: results.length - passed }
}

async function isClean(name, commands) {
  const start = performance.now()
  let isSound = true
  for (const [program, ...parameters] of commands) {
    const code = await run(pinnedNode(), [join(root, 'node_modules', program), ...parameters], { folder: root })
    if (code !== 0) isSound = false
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(`${isSound ? 'passed' : 'FAILED'}: ${name} (${seconds} s)\n`)
  return isSound
}
