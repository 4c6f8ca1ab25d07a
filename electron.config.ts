import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'

// electron-vite reads the Electron version from the `electron` package to decide whether the output may be ES modules.
// The command line and the library are built without that package, so the version they are meant for is named here.
process.env['ELECTRON_MAJOR_VER'] ??= '45'

function source(path: string): string {
  return resolve(import.meta.dirname, 'src-main', path)
}

export default defineConfig({
  main: {
    build: {
      // The set-up builds into a folder beside the old output and swaps the two when the build is complete.
      outDir: process.env['LMZ_BUILD_FOLDER'] ?? 'out/main',
      target: 'node24',
      sourcemap: true,
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          cli: source('shells/cli/main.ts'),
          lmz: source('shells/library/index.ts'),
          engine: source('engine/process.ts'),
          worker: source('archive/worker.ts'),
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          // Shared code lies in the same folder as the entries: `new URL('./worker.js', import.meta.url)` is right in all of it.
          chunkFileNames: 'shared-[hash].js',
        },
      },
    },
  },
})
