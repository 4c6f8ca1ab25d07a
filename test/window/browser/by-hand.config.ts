import { defineConfig } from 'vitest/config'

/** `npm run screenshots` and `npm run bench:window`: what a person looks at, and no test. */
export default defineConfig({
  test: {
    include: ['test/window/browser/*.by-hand.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    disableConsoleIntercept: true,
  },
})
