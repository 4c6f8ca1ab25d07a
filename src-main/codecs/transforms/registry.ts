import type { ContentKind } from '../../contract/content-kind'
import { LmzError } from '../../contract/error'
import { branches } from './branches/branches'
import { columns } from './columns/columns'
import { decimalColumns } from './columns/decimal-columns'
import { decimals } from './decimals/decimals'
import type { Transform } from './transform'

/** Every transform this build reads. To add one: a folder beside these, a new number, one line here, a section in docs/codecs.md. */
export const transforms: readonly Transform[] = [branches, decimals, columns, decimalColumns]

/**
 * @returns `undefined` for 0, no transform
 * @throws LmzError `Unsupported` for a number of a newer lmz
 */
export function transformByNumber(number: number): Transform | undefined {
  if (number === 0) return undefined
  const transform = transforms.find((candidate) => candidate.number === number)
  if (transform === undefined) {
    throw new LmzError('Unsupported', `This data was packed with transform ${number}, which a newer lmz reads.`)
  }
  return transform
}

/** What transforms of text are tried on, from the start of a block; short enough for about 10 ms. */
const sampleLength = 512 * 1024
const decimalSampleLength = 128 * 1024

/**
 * The transforms worth trying on a block, most promising first, from a look at its start; up to about 15 ms for tables, 3 ms a
 * MiB for programs, nothing for other kinds. None is certain to make the block smaller, and `forward` may still return `undefined`.
 */
export function candidatesFor(kind: ContentKind, raw: Uint8Array): readonly Transform[] {
  switch (kind) {
    case 'executable':
    case 'binary':
      return applies(branches, raw) ? [branches] : []
    case 'structured':
    case 'text': {
      const short = raw.subarray(0, decimalSampleLength)
      return [
        ...(applies(decimalColumns, short) ? [decimalColumns] : []),
        ...(applies(columns, raw.subarray(0, sampleLength)) ? [columns] : []),
        ...(applies(decimals, short) ? [decimals] : []),
      ]
    }
    case 'code':
    case 'image':
    case 'media':
    case 'tensor':
    case 'compressed':
      return []
  }
}

function applies(transform: Transform, raw: Uint8Array): boolean {
  return transform.forward(raw) !== undefined
}
