import { statSync } from 'node:fs'
import { join } from 'node:path'
import { LmzError } from '../contract/error'
import { modelsFolder } from './models-folder'

/** The files of each shared model without which nothing that was coded with it can be decoded. */
const modelFiles = {
  'mix-1': ['prose.prior', 'docs.prior', 'code.prior', 'structured.prior'],
  'byte-1': ['model.json', 'weights.bin'],
} as const

export type ModelId = keyof typeof modelFiles

/** Bytes of a shared model as lmz ships it. @throws LmzError `ModelMissing` */
export function modelBytes(id: ModelId): number {
  return modelFiles[id].reduce((sum, name) => sum + sizeOf(join(modelsFolder(), id, name)), 0)
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (cause) {
    const message = `A model file of lmz cannot be read: ${path}. Install lmz again; archives are not affected.`
    throw new LmzError('ModelMissing', message, { subject: path, cause })
  }
}
