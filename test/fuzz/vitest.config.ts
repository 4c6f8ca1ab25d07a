import { defineConfig } from 'vitest/config'

/** `vitest run --config test/fuzz/vitest.config.ts`, for LMZ_FUZZ_SECONDS (30) seconds, from LMZ_SEED (1) on. */
export default defineConfig({
  test: { include: ['test/fuzz/**/*.fuzz.ts'], pool: 'forks', maxWorkers: 1, testTimeout: 0 },
})
