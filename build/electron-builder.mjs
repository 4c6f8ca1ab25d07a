/**
 * How the installers are made: `npm run package`. electron-builder reads this file; docs/contributing.md, "Packaging", says what
 * goes where and why. Paths are relative to the project unless a comment says otherwise.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './place.mjs'
import { reachableFrom } from './reachable.mjs'

const uti = 'org.lmz-archiver.lmz'

/** The code of the desktop app; out/main also holds that of the command line and the web shell. */
const needed = reachableFrom(join(root, 'out/main'), ['desktop.js', 'engine.js', 'worker.js'])

/** Packages of the other shells, and those that are bundled into the window's page. */
const otherPackages = Object.keys({
  ...readJson('package.json').dependencies,
  ...readJson('package.json').optionalDependencies,
}).filter((name) => !needed.packages.includes(name))

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'org.lmz-archiver.lmz',
  productName: 'lmz',
  copyright: 'The lmz authors, MIT license',
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',
  directories: { output: 'dist', buildResources: 'build' },
  // `desktopName` gives windows the identity under which lmz.desktop is installed.
  extraMetadata: {
    main: 'out/main/desktop.js',
    desktopName: 'lmz.desktop',
    author: 'The lmz authors',
    // A .deb has to name one; the project has no page yet, and nobody will ever have this.
    homepage: 'https://lmz.invalid/',
  },
  removePackageScripts: true,

  // better-sqlite3 brings binaries for all platforms: there is nothing to compile.
  npmRebuild: false,
  files: [
    'package.json',
    ...needed.files.map((name) => `out/main/${name}`),
    'out/preload/**',
    'out/renderer/**',
    '!**/*.{map,ts,mts,cts,md,markdown,flow}',
    '!**/{test,tests,__tests__,docs,doc,example,examples,benchmark}/**',
    ...otherPackages.map((name) => `!node_modules/${name}/**`),
    // For compiling it, which nobody does here.
    '!node_modules/node-addon-api/**',
    '!node_modules/better-sqlite3/{src,deps,binding.gyp}',
    '!node_modules/better-sqlite3/{src,deps}/**',
  ],
  // By itself, electron-builder would unpack the whole package of a native module.
  asar: { smartUnpack: false },
  // Only what the system's loader has to map as a file. All other code stays where its integrity is checked.
  asarUnpack: ['**/*.node'],
  extraResources: [
    // The training data and scripts beside the models are left behind: each model's folder is named by its number.
    {
      from: 'native-models',
      to: 'native-models',
      filter: ['*/*.prior', '*/model.json', '*/weights.bin', '!training/**'],
    },
  ],

  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
    // lmz stores no cookies, and on macOS this would ask for the keychain when the app is first started.
    enableCookieEncryption: false,
  },
  toolsets: { appimage: '1.0.3' },

  win: {
    files: ['package.json', withoutSqliteBut('win32')],
    target: [{ target: 'nsis', arch: ['x64', 'arm64'] }],
    icon: 'icons/app.ico',
    fileAssociations: [
      { ext: 'lmz', name: 'lmz.Archive', description: 'lmz archive', icon: 'icons/document.ico', role: 'Editor' },
    ],
  },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    buildUniversalInstaller: false,
    deleteAppDataOnUninstall: false,
  },

  mac: {
    files: ['package.json', withoutSqliteBut('darwin')],
    target: [{ target: 'dmg', arch: ['arm64', 'x64'] }],
    icon: 'icons/app.icns',
    category: 'public.app-category.utilities',
    darkModeSupport: true,
    extraResources: [{ from: 'build/icons/document.icns', to: 'document.icns' }],
    // The type is declared in full rather than by `fileAssociations`, which knows extensions but no type of one's own.
    extendInfo: {
      UTExportedTypeDeclarations: [
        {
          UTTypeIdentifier: uti,
          UTTypeDescription: 'lmz archive',
          UTTypeConformsTo: ['public.data', 'public.archive'],
          UTTypeIconFile: 'document.icns',
          UTTypeTagSpecification: { 'public.filename-extension': ['lmz'], 'public.mime-type': ['application/x-lmz'] },
        },
      ],
      CFBundleDocumentTypes: [
        {
          CFBundleTypeName: 'lmz archive',
          CFBundleTypeIconFile: 'document.icns',
          CFBundleTypeRole: 'Editor',
          LSHandlerRank: 'Owner',
          LSItemContentTypes: [uti],
        },
        // Anything may be dropped on the icon, to be packed; lmz offers itself as the program for nothing else.
        {
          CFBundleTypeName: 'Files and folders',
          CFBundleTypeRole: 'Viewer',
          LSHandlerRank: 'None',
          LSItemContentTypes: ['public.item', 'public.folder'],
        },
      ],
    },
  },
  dmg: { sign: false },

  linux: {
    files: ['package.json', withoutSqliteBut('linux')],
    target: ['AppImage', 'deb'].map((target) => ({ target, arch: ['x64', 'arm64'] })),
    executableName: 'lmz',
    syncDesktopName: true,
    icon: 'icons/app',
    category: desktopEntry().Categories,
    maintainer: 'The lmz authors',
    mimeTypes: ['application/x-lmz'],
    desktop: { entry: ownDesktopEntry() },
    // Where the programs that put an AppImage into the menus look for its type.
    // What a window shows of itself where no desktop file says it, as with an AppImage.
    extraResources: [{ from: 'build/icons/app/256x256.png', to: 'icons/app/256x256.png' }],
    extraFiles: [{ from: 'build/linux/lmz.xml', to: 'usr/share/mime/packages/lmz.xml' }],
  },
  // Without this, it would be started with its sandbox switched off.
  appImage: { executableArgs: [] },
  deb: {
    executableArgs: ['%F'],
    depends: ['libgtk-3-0', 'libnotify4', 'libnss3', 'libxss1', 'libxtst6', 'xdg-utils', 'libatspi2.0-0', 'libuuid1'],
    recommends: [],
    fpm: [
      `${join(root, 'build/linux/lmz.xml')}=/usr/share/mime/packages/lmz.xml`,
      ...[16, 24, 32, 48, 64, 128, 256, 512].map((size) => {
        const folder = `/usr/share/icons/hicolor/${size}x${size}/mimetypes`
        return `${join(root, `build/icons/document/${size}x${size}.png`)}=${folder}/application-x-lmz.png`
      }),
    ],
  },
}

/**
 * electron-builder's own `${platform}` is the system that makes the package, not the one it is for. And where the files of a platform
 * are exclusions alone, it takes in everything else there is, whatever `files` above says.
 */
function withoutSqliteBut(platform) {
  return `!node_modules/better-sqlite3/prebuilds/!(${platform}-\${arch}).node`
}

/** The keys of lmz.desktop that electron-builder does not write by itself. */
function ownDesktopEntry() {
  const written = ['Type', 'Name', 'Exec', 'Icon', 'Terminal', 'MimeType', 'Categories', 'StartupWMClass', 'Comment']
  return Object.fromEntries(Object.entries(desktopEntry()).filter(([key]) => !written.includes(key)))
}

function desktopEntry() {
  const lines = readFileSync(join(root, 'build/linux/lmz.desktop'), 'utf8').split('\n').slice(1)
  return Object.fromEntries(lines.filter((line) => line.includes('=')).map((line) => line.split(/=(.*)/s, 2)))
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}
