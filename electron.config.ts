import { svelte } from '@sveltejs/vite-plugin-svelte'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'

// electron-vite reads the Electron version from the `electron` package to decide whether the output may be ES modules.
// The command line and the library are built without that package, so the version they are meant for is named here.
process.env['ELECTRON_MAJOR_VER'] ??= '45'

/** The set-up builds into a folder beside the old output and swaps the two when the build is complete. */
const output = resolve(import.meta.dirname, process.env['LMZ_BUILD_FOLDER'] ?? 'out')
const renderer = resolve(import.meta.dirname, 'src-renderer')

function source(path: string): string {
  return resolve(import.meta.dirname, 'src-main', path)
}

const desktop = source('shells/desktop/main.ts')
const preload = source('shells/desktop/preload.ts')

const preloadConfig = {
  build: {
    outDir: resolve(output, 'preload'),
    sourcemap: true,
    // A preload in a sandbox can require nothing but Electron's own modules.
    externalizeDeps: false,
    rolldownOptions: {
      input: { preload },
      // And it is read as CommonJS, which in a package of modules only this ending says.
      output: { format: 'cjs' as const, entryFileNames: '[name].cjs' },
    },
  },
}

export default defineConfig({
  main: {
    build: {
      outDir: resolve(output, 'main'),
      target: 'node24',
      sourcemap: true,
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          cli: source('shells/cli/main.ts'),
          lmz: source('shells/library/index.ts'),
          engine: source('engine/process.ts'),
          worker: source('archive/workers/worker.ts'),
          ...(existsSync(desktop) ? { desktop } : {}),
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
  ...(existsSync(preload) ? { preload: preloadConfig } : {}),
  renderer: {
    root: renderer,
    // The same files are served from "/" by the web shell and from the desktop's own scheme.
    base: './',
    plugins: [svelte({ configFile: false })],
    build: {
      outDir: resolve(output, 'renderer'),
      target: 'chrome123',
      sourcemap: true,
      // The window's content policy allows no code and no style that stands in the page itself.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rolldownOptions: { input: resolve(renderer, 'index.html') },
    },
  },
})
