import { formatBlockSize, formatBytes } from '../../../contract/format-bytes'
import type { BlockContest, BlockSizeTrial, Contender, Stretch } from '../../../contract/insight'
import { aligned, bar, bitsPerByte, seconds, whole } from './table'

/** What each codec makes of a block. */
export function contestLines(title: string, { rawBytes, contenders }: BlockContest): readonly string[] {
  const shortest = contenders[0] === undefined ? 0 : lengthOf(contenders[0])
  return [
    '',
    title,
    ...aligned([
      ['', 'H(D|M)', 'C(M)', 'bits a byte', 'longer by', 'time', ''],
      ...contenders.map((contender) => {
        const { name, dataBytes, modelBytes, isStored, seconds: taken } = contender
        const length = lengthOf(contender)
        return [
          `  ${name}${isStored ? ' (stored)' : ''}`,
          whole(dataBytes),
          whole(modelBytes),
          bitsPerByte(length, rawBytes),
          length === shortest ? '' : `${whole(length - shortest)} bytes`,
          seconds(taken),
          bar(length, rawBytes),
        ]
      }),
    ]),
  ]
}

function lengthOf({ dataBytes, modelBytes }: Contender): number {
  return dataBytes + modelBytes
}

export function trialLines(trials: readonly BlockSizeTrial[]): readonly string[] {
  const [first] = trials
  if (first === undefined) return []
  return [
    '',
    `What blocks of another size would give (${formatBytes(first.triedBytes)} coded anew, without primers' price)`,
    ...aligned([
      ['', 'stored', 'bits a byte', 'opens a small file in', ''],
      ...trials.map(({ blockSize, storedBytes, triedBytes, openSeconds }) => [
        `  ${formatBlockSize(blockSize)}`,
        whole(storedBytes),
        bitsPerByte(storedBytes, triedBytes),
        seconds(openSeconds),
        bar(storedBytes, triedBytes),
      ]),
    ]),
  ]
}

export function stretchLines(title: string, stretches: readonly Stretch[]): readonly string[] {
  if (stretches.length === 0) return []
  return [
    '',
    title,
    ...stretches.map(({ offset, bytes, bitsPerByte: bits }) => {
      return `  ${bits.toFixed(2).padStart(6)} bits a byte at ${whole(offset)}: ${shown(bytes)}`
    }),
  ]
}

/** Text as it is, other bytes in hexadecimal. */
function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  const isText = bytes.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13))
  // A stretch may begin or end within a character.
  const inner = text.replace(/^\uFFFD{1,3}|\uFFFD{1,3}$/g, '')
  return isText && !inner.includes('\uFFFD') ? JSON.stringify(inner) : Buffer.from(bytes).toString('hex')
}
