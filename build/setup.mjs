/**
 * Makes the tree ready to run: installs the packages, compiles the kernels, builds out/. Each step is left out when its
 * result is there and made from what is there now, so that a second set-up takes a fraction of a second.
 * Runs on any Node from 18 with nothing installed; what it starts runs on the pinned Node.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { launchersArePresent, writeLaunchers } from './launcher.mjs'
import { alone } from './lock.mjs'
import { staleKernels } from './kernels.mjs'
import { pinnedNode, root, runsAsProgram, say } from './place.mjs'
import { run } from './run.mjs'

const installStamp = join(root, 'node_modules', '.lmz-installed')
const output = join(root, 'out')
const buildStamp = join(output, '.built-from')

/** The folders that a build makes. */
const builtParts = ['main', 'preload', 'renderer']

/** Our own output goes to standard error only: standard output belongs to the program that is started afterwards. */
const toStandardError = ['ignore', 2, 2]

const stepsBeforeBuild = [
  { isDone: isInstalled, work: install },
  { isDone: kernelsAreCompiled, work: compile },
]
const allSteps = [...stepsBeforeBuild, { isDone: isBuilt, work: build }]

/** @param withBuild false where out/ is not needed, so that source that does not build can still be checked */
export async function setup({ withBuild = true } = {}) {
  const steps = withBuild ? allSteps : stepsBeforeBuild
  if (steps.every((step) => step.isDone())) return
  await alone(async () => {
    for (const step of steps) if (!step.isDone()) await step.work()
  })
}

function isInstalled() {
  return read(installStamp) === installFingerprint()
}

async function install() {
  say('installing packages (the first time this takes about half a minute)')
  const fingerprint = installFingerprint()
  // A Node that runs from node_modules cannot be deleted on Windows, and `npm ci` would try to.
  const inUse = process.platform === 'win32' && process.execPath.startsWith(join(root, 'node_modules'))
  const command = inUse ? ['install', '--no-save'] : ['ci']
  const options = [
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const code = await npm([...command, ...options])
  if (code !== 0) throw new Error('The packages could not be installed (npm says why above).')
  pinnedNode()
  writeFileSync(installStamp, fingerprint)
}

/** The lock file alone decides what is installed, and the platform which of its binaries. */
function installFingerprint() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  return `${hash.digest('hex')} ${process.platform} ${process.arch}`
}

function npm(parameters) {
  const program = process.env.npm_execpath
  const place = { folder: root, stdio: toStandardError }
  if (program && basename(program) === 'npm-cli.js') {
    return run(process.env.npm_node_execpath ?? process.execPath, [program, ...parameters], place)
  }
  return run('npm', parameters, { ...place, shell: process.platform === 'win32' })
}

function kernelsAreCompiled() {
  const { compile, remove } = staleKernels()
  return compile.length === 0 && remove.length === 0
}

async function compile() {
  const code = await run(pinnedNode(), [join(root, 'build/kernels.mjs')], { folder: root, stdio: toStandardError })
  if (code !== 0) throw new Error('The kernels could not be compiled (the reason is above).')
}

function isBuilt() {
  return launchersArePresent() && existsSync(join(output, 'main')) && read(buildStamp) === sourceFingerprint()
}

async function build() {
  say('building')
  const fingerprint = sourceFingerprint()
  // Built beside the old output and swapped at the end: a failed build changes nothing, and whoever starts lmz meanwhile
  // finds a whole program.
  const unfinished = join(output, 'new')
  const old = join(output, 'old')
  for (const left of [unfinished, old]) rmSync(left, { recursive: true, force: true })
  const program = join(root, 'node_modules/electron-vite/bin/electron-vite.js')
  const parameters = ['build', '--config', 'electron.config.ts', '--logLevel', 'warn', '--ignoreConfigWarning']
  const code = await run(pinnedNode(), [program, ...parameters], {
    folder: root,
    environment: { ...process.env, LMZ_BUILD_FOLDER: unfinished },
    stdio: toStandardError,
  })
  if (code !== 0) throw new Error('The build failed (the reason is above).')
  // Without its stamp, a set-up that is broken off between two folders is done again.
  rmSync(buildStamp, { force: true })
  mkdirSync(old)
  for (const part of builtParts) {
    if (existsSync(join(output, part))) renameSync(join(output, part), join(old, part))
    if (existsSync(join(unfinished, part))) renameSync(join(unfinished, part), join(output, part))
  }
  for (const left of [unfinished, old]) rmSync(left, { recursive: true, force: true })
  writeLaunchers()
  writeFileSync(buildStamp, fingerprint)
}

/** By content and not by time: a branch switch or an unpacked copy gives old files new times, and new files old ones. */
function sourceFingerprint() {
  const hash = createHash('sha256').update(pinnedNode())
  const folders = ['build', 'src-main', 'src-renderer']
  const files = ['package.json', 'electron.config.ts', 'tsconfig.json', ...folders.flatMap(filesBelow)]
  for (const file of files) hash.update(`${file}\0`).update(contentHash(file))
  return hash.digest('hex')
}

function contentHash(file) {
  return createHash('sha256')
    .update(readFileSync(join(root, file)))
    .digest()
}

function filesBelow(folder) {
  if (folder === 'src-main/kernels/assembly') return []
  const inside = readdirSync(join(root, folder), { withFileTypes: true }).map((one) => ({
    path: `${folder}/${one.name}`,
    isFolder: one.isDirectory(),
  }))
  inside.sort((one, other) => (one.path < other.path ? -1 : 1))
  return inside.flatMap(({ path, isFolder }) => (isFolder ? filesBelow(path) : [path]))
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

if (runsAsProgram(import.meta.url)) {
  try {
    await setup()
  } catch (error) {
    say(error.message)
    process.exitCode = 1
  }
}
