import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Compiles the window's *.svelte.ts, whose state is no plain TypeScript.
  plugins: [svelte({ configFile: false })],
  test: {
    include: ['test/**/*.test.ts'],
    // Processes, not threads: tests start worker threads, change the working folder and load native code.
    pool: 'forks',
    // What tests open is no business of whoever runs them.
    env: { XDG_STATE_HOME: join(tmpdir(), 'lmz-test-state') },
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A browser and an engine on two cores that others use as well.
    expect: { poll: { timeout: 15_000 } },
  },
})
