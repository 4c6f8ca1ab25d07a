import { getRawHeader } from '@electron/asar'
import { validateConfiguration } from 'app-builder-lib/out/util/config/config'
import { Arch, build, Platform } from 'electron-builder'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NtExecutable, NtExecutableResource } from 'pe-library'
import { Resource } from 'resedit'
import { beforeAll, describe, expect, test } from 'vitest'
import configuration from '../../build/electron-builder.mjs'
import { suiteFolder } from '../support/suite-folder'
import { temporaryFolder } from '../support/temporary'

/*
 * electron-builder packs the real app here. Only Electron's own binary is stood in for, by a file with the fuse wire that
 * electron-builder looks for: it says which fuses would be set.
 */

const root = join(import.meta.dirname, '../..')
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** In the order of the fuse wire of Electron 45; "0" is off, "1" is on, "r" is not there. */
const fuses = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeCliInspect',
  'asarIntegrity',
  'onlyLoadAppFromAsar',
  'browserV8Snapshot',
  'fileProtocolPrivileges',
]

test('electron-builder accepts the configuration; otherwise there is no installer', async () => {
  const silent = { isEnabled: false, add: () => undefined }
  await expect(validateConfiguration(configuration, silent as never)).resolves.toBeUndefined()
  await expect(validateConfiguration({ ...configuration, fusses: {} } as never, silent as never)).rejects.toThrow()
})

test('every icon that an installer shows is there', () => {
  const associations = [configuration.win?.fileAssociations ?? []].flat()
  const icons = [configuration.win?.icon, configuration.mac?.icon, ...associations.map(({ icon }) => icon)]
  expect(icons).toHaveLength(3)
  for (const icon of icons) expect(existsSync(join(root, 'build', icon ?? '?')), `${icon}`).toBe(true)
  expect(readdirSync(join(root, 'build/icons/app'))).toContain('512x512.png')
})

describe.each([
  { platform: Platform.LINUX, arch: Arch.x64, executable: 'electron', packed: 'lmz', native: 'linux-x64' },
  {
    platform: Platform.WINDOWS,
    arch: Arch.arm64,
    executable: 'electron.exe',
    packed: 'lmz.exe',
    native: 'win32-arm64',
  },
])('the app packed for $native', ({ platform, arch, executable, packed, native }) => {
  const electronDist = join(suiteFolder(), 'electron')
  const output = suiteFolder()
  let app = ''
  let inArchive: readonly string[] = []

  beforeAll(async () => {
    makeElectron(electronDist, executable)
    await build({
      targets: platform.createTarget('dir', arch),
      projectDir: root,
      publish: 'never',
      // electron-builder writes into what it is given.
      config: structuredClone({
        ...configuration,
        electronDist,
        directories: { ...configuration.directories, output },
      }),
    })
    app = join(output, readdirSync(output).find((name) => name.endsWith('-unpacked')) ?? '')
    inArchive = filesOf(getRawHeader(join(app, 'resources/app.asar')).header)
  }, 120_000)

  test('holds the shell, the engine, its workers and the window', () => {
    for (const file of [
      'main/desktop.js',
      'main/engine.js',
      'main/worker.js',
      'preload/preload.cjs',
      'renderer/index.html',
    ]) {
      expect(inArchive).toContain(`out/${file}`)
    }
  })

  test('has every package that its code imports', () => {
    const code = inArchive.filter((file) => /^out\/main\/.*\.c?js$/.test(file))
    const statement = /^(?:import|export)\b(?:[^"']*?\bfrom\s*|\s*)["']([^."'][^"']*)["']/gm
    const imported = code.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(statement)].map((match) => match[1] ?? ''),
    )
    const names = new Set(
      imported.filter((name) => !name.startsWith('node:') && name !== 'electron').map((name) => packageName(name)),
    )
    expect(names).toContain('better-sqlite3')
    for (const name of names) expect(inArchive).toContain(`node_modules/${name}/package.json`)
  })

  test('has the one native module, for its own platform, as a file the system can map', () => {
    const binaries = inArchive.filter((file) => file.endsWith('.node'))
    expect(binaries).toEqual([`node_modules/better-sqlite3/prebuilds/${native}.node`])
    const unpacked = readdirSync(join(app, 'resources/app.asar.unpacked'), { recursive: true, withFileTypes: true })
    expect(unpacked.filter((one) => one.isFile()).map((one) => one.name)).toEqual([`${native}.node`])
  })

  test('has the models beside it', () => {
    const models = readdirSync(join(app, 'resources/native-models'), { recursive: true }).map(String)
    expect(models).toContain(join('mix-1', 'prose.prior'))
    expect(models.filter((name) => name.includes('training') || /\.(ts|mjs|md)$/.test(name))).toEqual([])
  })

  test('holds no sources, tests, maps, tools or code of the other shells', () => {
    const stray = inArchive.filter(
      (file) =>
        /^(src-|test|build|docs|native-models|\.)/.test(file) ||
        /\.(map|[mc]?ts|svelte)$/.test(file) ||
        /^node_modules\/(electron|node-(linux|win)|vite|svelte|typescript|commander|ws)[/-]/.test(file) ||
        /^out\/main\/(cli|lmz)\.js$/.test(file),
    )
    expect(stray).toEqual([])
  })

  test('cannot be turned into a plain Node, be debugged, or load other code', () => {
    const program = readFileSync(join(app, packed))
    const at = program.indexOf(fuseSentinel) + fuseSentinel.length + 2
    const states = Object.fromEntries(fuses.map((name, index) => [name, String.fromCharCode(program[at + index] ?? 0)]))
    expect(states).toMatchObject({
      runAsNode: '0',
      nodeOptions: '0',
      nodeCliInspect: '0',
      asarIntegrity: '1',
      onlyLoadAppFromAsar: '1',
      fileProtocolPrivileges: '0',
    })
  })
})

test('a Linux package brings the type, its icons, and an entry in the menus that opens what is given to it', async () => {
  const electronDist = join(temporaryFolder(), 'electron')
  makeElectron(electronDist, 'electron')
  const computed: unknown[] = []
  await build({
    targets: Platform.LINUX.createTarget(['deb', 'AppImage'], Arch.x64),
    projectDir: root,
    publish: 'never',
    config: structuredClone({
      ...configuration,
      electronDist,
      directories: { ...configuration.directories, output: temporaryFolder() },
    }),
    // Before the tools are called that would have to be fetched first.
    effectiveOptionComputed: async (options: unknown) => {
      computed.push(
        Array.isArray(options)
          ? { parameters: options[0], desktop: readFileSync(String(options[1]), 'utf8') }
          : options,
      )
      return Promise.resolve(true)
    },
  })
  const deb = computed.find((one) => 'parameters' in (one as object)) as { parameters: string[]; desktop: string }
  const appImage = computed.find((one) => !('parameters' in (one as object))) as { desktop: string }
  const installed = deb.parameters.flatMap((parameter) => /^(\/.+)=(\/usr\/.+)$/.exec(parameter)?.slice(1) ?? [])
  for (const [index, place] of installed.entries()) {
    // What electron-builder had written itself is gone by now.
    if (index % 2 === 0 && place.startsWith(root)) expect(existsSync(place), place).toBe(true)
  }
  expect(installed).toEqual(
    expect.arrayContaining([
      '/usr/share/mime/packages/lmz.xml',
      '/usr/share/applications/lmz.desktop',
      '/usr/share/icons/hicolor/16x16/apps/lmz.png',
      '/usr/share/icons/hicolor/256x256/mimetypes/application-x-lmz.png',
    ]),
  )
  for (const { desktop } of [deb, appImage]) {
    expect(desktop).toContain('\nMimeType=application/x-lmz;\n')
    expect(desktop).toContain('\nGenericName[de]=Archivprogramm\n')
    expect(desktop).toContain('\nStartupWMClass=lmz\n')
    expect(desktop).not.toContain('--no-sandbox')
  }
  expect(deb.desktop).toContain('\nExec=/opt/lmz/lmz %F\n')
  expect(appImage.desktop).toContain('\nExec=AppRun %U\n')
}, 120_000)

/** What electron-builder takes for Electron. */
function makeElectron(folder: string, executable: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true })
  mkdirSync(join(folder, 'locales'))
  for (const file of ['LICENSE', 'version', 'chrome-sandbox', 'locales/en-US.pak'])
    writeFileSync(join(folder, file), 'x')
  const wire = Buffer.concat([Buffer.from(fuseSentinel), Buffer.from([1, fuses.length]), Buffer.from('11111011')])
  writeFileSync(join(folder, executable), Buffer.concat([emptyProgram(executable), wire]))
}

/** Into a program of Windows, electron-builder writes the icon, the version and the app's integrity: it has to be a real one. */
function emptyProgram(name: string): Buffer {
  if (!name.endsWith('.exe')) return Buffer.from('\x7fELF')
  const program = NtExecutable.createEmpty(false, false)
  const resources = NtExecutableResource.from(program)
  const version = Resource.VersionInfo.createEmpty()
  version.setFileVersion(1, 0, 0, 0)
  version.outputToResourceEntries(resources.entries)
  resources.outputResource(program)
  return Buffer.from(program.generate())
}

interface AsarFolder {
  readonly files: Record<string, AsarFolder | { readonly size: number }>
}

function filesOf(folder: unknown, place = ''): string[] {
  return Object.entries((folder as AsarFolder).files).flatMap(([name, item]) =>
    'files' in item ? filesOf(item, `${place}${name}/`) : [`${place}${name}`],
  )
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
