/**
 * Imports run downwards only: shells -> engine -> archive -> {intake, outlet, codecs, index} -> {format, kernels, models,
 * crypto} -> contract. Folders of one level don't know each other; type-only imports count too.
 */
const levels = [
  ['contract'],
  ['format', 'kernels', 'models', 'crypto'],
  ['intake', 'outlet', 'codecs', 'index'],
  ['archive'],
  ['engine'],
  ['shells'],
]

/** The container's hashes are computed by a kernel, its sealed frames are opened by ciphers, and a prior is a kernel's state. */
const sideways = { format: ['kernels', 'crypto'], models: ['kernels'] }

const layerRules = levels.flatMap((level, height) =>
  level.map((folder) => {
    const below = levels.slice(0, height).flat()
    const allowed = [folder, ...below, ...(sideways[folder] ?? [])]
    return {
      name: `${folder}-imports-downwards-only`,
      severity: 'error',
      comment: `src-main/${folder} may import ${allowed.slice(1).join(', ') || 'nothing of ours'}.`,
      from: { path: `^src-main/${folder}/` },
      to: { path: '^(src-main|src-renderer|test|build)/', pathNot: `^src-main/(${allowed.join('|')})/` },
    }
  }),
)

function onlyImporter(folder, packageName) {
  return {
    name: `only-${folder.replace('/', '-')}-imports-${packageName}`,
    severity: 'error',
    from: { path: '^(src-main|src-renderer)/', pathNot: `^src-main/${folder}/` },
    to: { path: `(^|/)node_modules/(@types/)?${packageName}(/|$)|^${packageName}$` },
  }
}

export default {
  forbidden: [
    ...layerRules,
    onlyImporter('index', 'better-sqlite3'),
    onlyImporter('models', 'onnxruntime-node'),
    onlyImporter('crypto', 'hash-wasm'),
    onlyImporter('shells/desktop', 'electron'),
    {
      name: 'shells-share-only-window',
      severity: 'error',
      comment: 'The command line starts the web shell; otherwise what two shells need is in shells/window.',
      from: { path: '^src-main/shells/(desktop|library|web|window)/' },
      to: { path: '^src-main/shells/[^/]+/', pathNot: '^src-main/shells/($1|window)/' },
    },
    {
      name: 'every-folder-has-a-level',
      severity: 'error',
      comment: 'A new folder of src-main needs a place among the levels above.',
      from: { path: '^src-main/', pathNot: `^src-main/(${levels.flat().join('|')})/` },
      to: {},
    },
    {
      name: 'renderer-knows-only-contract',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^(src-main|test|build)/', pathNot: '^src-main/contract/' },
    },
    {
      name: 'format-knows-no-files',
      severity: 'error',
      comment: 'The container reads a ByteSource and writes a ByteSink.',
      from: { path: '^src-main/format/' },
      to: { path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'threads-belong-to-the-archive-pool',
      severity: 'error',
      from: { path: `^src-main/(${levels.slice(0, 3).flat().join('|')})/` },
      to: { path: '^(node:)?worker_threads$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-packages-in-the-product',
      severity: 'error',
      comment: 'Electron is not installed with lmz, but what the desktop shell runs in.',
      from: { path: '^src-main/' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/electron/',
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src-main/kernels/(assembly|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.svelte', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
}
