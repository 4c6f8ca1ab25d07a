import { app, utilityProcess } from 'electron'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { farewell } from '../../engine/farewell'
import { builtEngine, type EngineProcess, startEngineChild } from '../window/engine-process'

/**
 * What the engine runs in. `utilityProcess` is Electron's own Node in a process of its own; `node` is the Node of the command line as a
 * child, for a system on which a native module does not bear Electron's memory allocator. A package holds no other Node, so
 * `node` also needs one among `extraResources` (to: node) and the code of out/main unpacked (build/electron-builder.mjs).
 */
const engineRunsIn: 'utilityProcess' | 'node' = 'utilityProcess'

export function startEngine(): EngineProcess {
  setModelsFolder()
  // Of use while developing: the same code on either.
  const chosen = app.isPackaged ? engineRunsIn : (process.env['LMZ_ENGINE_RUNS_IN'] ?? engineRunsIn)
  return chosen === 'node' ? startEngineChild(builtEngine(), plainNode()) : startUtility()
}

/** The Node that comes with the package, or with the packages of a source tree. */
function plainNode(): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  if (app.isPackaged) return join(process.resourcesPath, 'node', name)
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const binary = `../../node_modules/node-${platform}-${process.arch}/bin/${name}`
  const path = fileURLToPath(new URL(binary, import.meta.url))
  return existsSync(path) ? path : name
}

/** In a package, models lie beside the app's archive and not in it: they are read in large pieces, and are no code. */
function setModelsFolder(): void {
  const folder = join(process.resourcesPath, 'native-models')
  if (app.isPackaged && existsSync(folder)) process.env['LMZ_MODELS'] = folder
}

function startUtility(): EngineProcess {
  const child = utilityProcess.fork(builtEngine(), [], { serviceName: 'lmz engine', stdio: 'inherit' })
  let reason: string | undefined
  child.on('error', (type, location) => (reason = `${type} in ${location}`))
  return {
    channel: {
      post: (message) => child.postMessage(message),
      on: (listener) => void child.on('message', listener),
      onClose: (listener) => void child.once('exit', listener),
    },
    onEnd: (listener) => void child.once('exit', (code) => listener(reason ?? `exit code ${code}`)),
    stop: () => child.postMessage(farewell),
    // `kill` of a utility process asks it to end; here it is past asking.
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    },
  }
}
