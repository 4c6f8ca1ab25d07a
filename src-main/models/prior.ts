import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LmzError } from '../contract/error'
import { blake3 } from '../kernels/blake3'
import type { StateKernel } from '../kernels/mix-kernel'
import { modelsFolder } from './models-folder'
import { sharedPrior } from './prior-arena'
import { decodePriorFile, type PriorState } from './prior-file'

/** The sorts of data that have a prior of their own; each is one file. */
export type PriorPart = 'prose' | 'docs' | 'code' | 'structured'

/** A set of priors that lmz ships. It never changes: better ones get another number, and old numbers stay readable. */
interface ShippedPrior {
  readonly folder: string
  /** BLAKE3 of each file, in hexadecimal. */
  readonly hashes: Readonly<Record<PriorPart, string>>
}

const shippedPriors: ReadonlyMap<number, ShippedPrior> = new Map([
  [
    1,
    {
      folder: 'mix-1',
      hashes: {
        prose: '6f07c6a519b18aadd4b31b5adb98c03c78d110a3d29f3c77e39ee8f2ba04c78d',
        docs: '1fc6ab7967138129be289fb6b3e5b498333d0de946da6a3e241ba973df931a2b',
        code: '281418653be2170164a59bb2c8c4d720deaeea1e7969fd12b38e797aa7834772',
        structured: '91aec02ff3d3a52faf9733428d04c3ba84977b9812a95e02bc80aa969d28839c',
      },
    },
  ],
])

/** What new blocks are coded with. */
export const currentPrior = 1

/** Places in the arena, by number and part. */
const places: readonly string[] = ['1 prose', '1 docs', '1 code', '1 structured']

/** Names a prior of {@link shippedPriors}. */
export interface PriorName {
  readonly number: number
  readonly part: PriorPart
}

/**
 * The state that a model starts from. Read on first use, which costs some 0.1 s and 30 MB, and shared by all threads
 * from then on. To be read, never written.
 * @param kernel whose memory is the workbench: what was in its table, block and smaller state is gone
 * @throws LmzError `Unsupported` for a number of a newer lmz, `ModelMissing` for a file that is not there or not the one that was shipped
 */
export function loadPrior({ number, part }: PriorName, kernel: StateKernel): PriorState {
  const shipped = shippedPriors.get(number)
  if (shipped === undefined) {
    throw new LmzError('Unsupported', `This data was packed with model ${number}, which a newer lmz has.`)
  }
  return sharedPrior(places.indexOf(`${number} ${part}`), () => read(shipped, part, kernel))
}

function read({ folder, hashes }: ShippedPrior, part: PriorPart, kernel: StateKernel): PriorState {
  const path = join(modelsFolder(), folder, `${part}.prior`)
  let file: Uint8Array
  try {
    file = readFileSync(path)
  } catch (cause) {
    const message = `A model file of lmz cannot be read: ${path}. Install lmz again; archives are not affected.`
    throw new LmzError('ModelMissing', message, { subject: path, cause })
  }
  if (Buffer.from(blake3(file)).toString('hex') !== hashes[part]) {
    const message = `A model file of lmz is damaged: ${path}. Install lmz again; archives are not affected.`
    throw new LmzError('ModelMissing', message, { subject: path })
  }
  return decodePriorFile(file, kernel)
}
