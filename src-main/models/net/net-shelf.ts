import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { LmzError } from '../../contract/error'
import type { NetKernel } from '../../kernels/net-kernel'
import { modelsFolder } from '../models-folder'
import { loadNet } from './load-net'
import { type NetFile, netFileSchema } from './net-file'

/** A net that lmz ships. It never changes: better ones get another number, and old numbers stay readable. */
export interface ShippedNet {
  /** Also the name of its folder. */
  readonly id: string
  /** SHA-256 of its `model.json`, which has those of its other files; the first bytes of it name the net in archives. */
  readonly hash: string
}

/** The nets of one folder, by the numbers that archives know them by. Each is read when it is first needed: some 0.2 s. */
export class NetShelf {
  readonly #nets: ReadonlyMap<number, ShippedNet>
  readonly #folder: () => string

  constructor(nets: ReadonlyMap<number, ShippedNet>, folder: () => string = modelsFolder) {
    this.#nets = nets
    this.#folder = folder
  }

  has(number: number): boolean {
    return this.#nets.has(number)
  }

  numbers(): readonly number[] {
    return [...this.#nets.keys()]
  }

  /** @throws LmzError `ModelMissing` for a number that this lmz does not know */
  get(number: number): ShippedNet {
    const net = this.#nets.get(number)
    if (net === undefined) {
      throw new LmzError('ModelMissing', `This data was packed with the model byte-${number}, which a newer lmz has.`)
    }
    return net
  }

  /**
   * A kernel with a net in it, of its own.
   * @throws LmzError `ModelMissing` for a number that is not known, or files that are not there or not as they were shipped
   */
  load(number: number): NetKernel {
    const { id, hash } = this.get(number)
    const folder = join(this.#folder(), id)
    const description = this.#read(id, join(folder, 'model.json'), hash)
    const file = parse(description)
    const weights = this.#read(id, join(folder, 'weights.bin'), file.files['weights.bin']?.sha256 ?? '')
    return loadNet(file, weights)
  }

  #read(id: string, path: string, sha256: string): Uint8Array {
    let bytes: Uint8Array
    try {
      bytes = readFileSync(path)
    } catch (cause) {
      const message = `The model ${id} of lmz cannot be read: ${path}. Install lmz again; archives are not affected.`
      throw new LmzError('ModelMissing', message, { subject: id, cause })
    }
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged(id, path)
    return bytes
  }
}

function parse(description: Uint8Array): NetFile {
  // It has been checked against its hash: only a fault in shipping it makes it other than it should be.
  return v.parse(netFileSchema, JSON.parse(Buffer.from(description).toString('utf8')))
}

function damaged(id: string, path: string): LmzError {
  const message = `The model ${id} of lmz is damaged: ${path}. Install lmz again; archives are not affected.`
  return new LmzError('ModelMissing', message, { subject: id })
}
