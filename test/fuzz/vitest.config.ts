import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { instrument } from './instrument'

/** `npm run fuzz`, for LMZ_FUZZ_SECONDS a part, from LMZ_SEED (1) on. */
export default defineConfig({
  plugins: [instrument()],
  test: {
    include: ['test/fuzz/**/*.fuzz.ts'],
    setupFiles: ['test/fuzz/coverage.ts'],
    pool: 'forks',
    // What fuzzers open is no business of whoever runs them.
    env: { XDG_STATE_HOME: join(tmpdir(), 'lmz-test-state') },
    maxWorkers: 1,
    testTimeout: 0,
  },
})
