import type { Share } from '../../../contract/engine-api'
import { aligned, bar, bitsPerByte, percent, whole } from './table'

/** Folders and files that take most, with what is left of each folder summed up. */
export function shareLines(top: Share): readonly string[] {
  const { parts = [], stored } = top
  if (parts.length === 0) return []
  return [
    '',
    'By folder and file',
    ...aligned([
      ['', 'raw bytes', 'stored', 'bits a byte', 'of the data', ''],
      ...rowsOf(parts, '  ').map(({ name, share }) => [
        name,
        whole(share.size),
        whole(share.stored),
        bitsPerByte(share.stored, share.size),
        percent(share.stored, stored),
        bar(share.stored, stored),
      ]),
    ]),
  ]
}

function rowsOf(parts: readonly Share[], indent: string): readonly { readonly name: string; readonly share: Share }[] {
  return parts.flatMap((share) => {
    const isRest = share.id === 0
    const name = `${indent}${isRest ? 'the rest' : share.name}${share.isDirectory ? '/' : ''}`
    return [{ name, share }, ...rowsOf(share.parts ?? [], `${indent}  `)]
  })
}
