import { ArchiveIndex } from '../../../src-main/index/archive-index'
import { pageSize } from '../../../src-main/index/schema'
import {
  fileLength,
  finish,
  mtimeNs,
  readEverything,
  sampleBytes,
  sampleWriter,
  withProperFirstPage,
} from '../../unit/index/sample-index'
import type { Target } from '../guided'

/** A tree of several pages, so that inner pages are hit too. */
function severalPages(): Uint8Array {
  const writer = sampleWriter()
  for (let number = 0; number < 260; number++) {
    const name = `file number ${number}`
    writer.addEntry({ parent: 1, name, kind: 'file', mode: 0o644, mtimeNs, content: 1 + (number % 4) })
  }
  return finish(writer)
}

function open(input: Uint8Array, structureCheckLimit?: number): void {
  const length = Math.max(2, Math.floor(input.length / pageSize)) * pageSize
  const whole = Buffer.alloc(length)
  whole.set(input.subarray(0, length))
  const limits = { fileLength, ...(structureCheckLimit === undefined ? {} : { structureCheckLimit }) }
  const index = ArchiveIndex.fromBytes(withProperFirstPage(whole), limits)
  try {
    readEverything(index)
    index.checkAll()
  } finally {
    index.close()
  }
}

const common = {
  covers:
    /^src-main\/index\/(archive-index|block-table|check-all|content-shares|contents|entry-facts|entry-tree|name-list|open|plan|primer-table|rows|rules|totals|sqlite-error)\.ts/,
  longest: 16 * pageSize,
  seeds: () => [sampleBytes(), severalPages()],
}

/** No hash stands before the index here: what reaches SQLite and the validators is whatever the mutation made. */
export const index: Target = { name: 'index, structure checked', ...common, run: (input) => open(input) }

/** As for an index of over 256 MB: nothing looks at its structure before it is used. */
export const largeIndex: Target = { name: 'index, structure unchecked', ...common, run: (input) => open(input, 0) }
