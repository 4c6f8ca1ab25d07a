/**
 * npm run train:prior [folder] [share] [part,part...]: trains the priors of the mix codec on the corpus (LMZ_CORPUS, default ../shared/corpus)
 * and writes them to native-models/<folder>, two at a time, in about ten minutes. A share below 1 takes the start of each category:
 * for a try; chosen parts take the place of those that are there.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL, URL } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const root = resolve(import.meta.dirname, '../..')
const corpus = resolve(root, process.env.LMZ_CORPUS ?? '../shared/corpus')
const outDir = join(root, 'out/training')
const training = () => import(pathToFileURL(join(outDir, 'prior.js')).href)

if (isMainThread) await trainAll()
else {
  const { part, target, share } = workerData
  const { trainPart } = await training()
  parentPort.postMessage(trainPart(part, corpus, target, share))
}

async function trainAll() {
  const [folder = 'mix-1', share = '1', chosen] = process.argv.slice(2)
  const target = join(root, 'native-models', folder)
  mkdirSync(target, { recursive: true })
  const { build } = await import('vite')
  const ssr = join(root, 'native-models/training/prior.ts')
  await build({ root, configFile: false, logLevel: 'warn', build: { ssr, outDir, target: 'node24' } })
  const { parts, corpusManifest } = await training()
  const waiting = chosen?.split(',') ?? [...parts]
  const files = chosen === undefined ? {} : JSON.parse(readFileSync(join(target, 'model.json'))).files
  const trainNext = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      files[part] = await trainInThread({ part, target, share: Number(share) })
    }
  }
  await Promise.all([trainNext(), trainNext()])
  const ordered = Object.fromEntries(parts.map((part) => [part, files[part]]))
  const model = { contract: 1, codec: 'mix', corpusManifestSha256: corpusManifest(corpus), files: ordered }
  writeFileSync(join(target, 'model.json'), `${JSON.stringify(model, undefined, 2)}\n`)
}

function trainInThread(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: data })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
