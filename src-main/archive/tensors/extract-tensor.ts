import type { Entry } from '../../contract/entry'
import { LmzError, toLmzError } from '../../contract/error'
import type { TensorToExtract } from '../../contract/job'
import type { ExtractReport } from '../../contract/report'
import type { Tensor } from '../../intake/tensors/layout'
import { systemMarks } from '../../outlet/download-mark/system-marks'
import { Outlet } from '../../outlet/outlet'
import type { Placement } from '../../outlet/placement'
import { createFile, finishFile, writePiece } from '../../outlet/write-file'
import { Archive } from '../archive'
import { effectivePolicy, type ExtractOptions, markOf } from '../extraction/extract'
import { JobControl } from '../job-control'
import { displayPath, findEntry } from '../selection'
import { withPool } from '../workers/worker-pool'
import { NpyOutput } from './npy-output'
import { TensorTable } from './tensor-table'

/** Bytes of a file's name that are made of a tensor's; the whole name may have 255. */
const longestName = 180

/**
 * Takes one tensor of a file out of an archive, as a file of its own. Only the blocks it lies in are read.
 * @param entryPath the file that has it
 * @throws LmzError `NotFound` for a file or tensor that is not there, `Usage` for a file without tensors, and as extractArchive
 */
export async function extractTensor(
  path: string,
  entryPath: string,
  { name, npy }: TensorToExtract,
  destination: string,
  options: ExtractOptions = {},
): Promise<ExtractReport> {
  const control = new JobControl(options)
  const archive = await Archive.open(path, undefined, control.unlock)
  try {
    const source = findEntry(archive, entryPath)
    const table = openTable(archive, source)
    const tensor = table.named(name, source.id)
    const output = npy ? new NpyOutput(tensor) : undefined
    const outlet = await Outlet.open(destination, {
      overwrite: effectivePolicy(options),
      ask: control.ask,
      mark: markOf(path, systemMarks(), control),
      onProblem: (problem) => control.problem(problem),
    })
    try {
      const size = output?.length ?? tensor.bytes
      outlet.reserve(size, 1)
      const { id, mtimeNs } = source
      const file: Entry = { id, parent: 0, name: fileNameOf(tensor, npy), kind: 'file', mode: 0o644, mtimeNs, size }
      const placement = await outlet.place(file)
      let blockBytes = 0
      if (placement !== undefined) {
        const write = new TensorFile(placement, file, output)
        blockBytes = await writeTensor(archive, table, tensor, write, control)
      }
      control.throwIfCancelled()
      const { files, directories, symlinks } = await outlet.commit()
      return {
        condition: archive.condition,
        destination,
        files,
        directories,
        links: symlinks,
        bytes: placement === undefined ? 0 : size,
        archiveBytesRead: (archive.footer?.index.length ?? 0) + blockBytes,
        problems: control.problems,
        notices: [...archive.notices, ...control.notices],
      }
    } catch (cause) {
      await outlet.discard()
      throw toLmzError(cause, `Cannot extract from ${archive.name}`, path)
    }
  } finally {
    archive.close()
  }
}

/** The tensors of a file that is said to have some. @throws LmzError `Usage` for one without */
export function openTable(archive: Archive, source: Entry): TensorTable {
  const table = TensorTable.open(archive, source.id)
  if (table !== undefined) return table
  const path = displayPath(archive, source.id)
  throw new LmzError('Usage', `${path} is no file of tensors, or not a well-formed one.`, { subject: path })
}

/** A name that every system takes, whatever the tensor is called. */
function fileNameOf({ name }: Tensor, npy: boolean): string {
  const safe = name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_').replace(/^\.+/, '_')
  return `${beginningOf(safe) || 'tensor'}.${npy ? 'npy' : 'bin'}`
}

/** As many whole characters as fit. */
function beginningOf(text: string): string {
  let length = 0
  let bytes = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > longestName) break
    length += character.length
  }
  return text.slice(0, length)
}

class TensorFile {
  readonly #placement: Placement
  readonly #entry: Entry
  readonly #output: NpyOutput | undefined
  #at = 0

  constructor(placement: Placement, entry: Entry, output: NpyOutput | undefined) {
    this.#placement = placement
    this.#entry = entry
    this.#output = output
    createFile(placement.stagingPath, entry.size, placement.displayPath)
    if (output !== undefined) this.#append(output.header)
  }

  write(bytes: Uint8Array): void {
    this.#append(this.#output?.convert(bytes) ?? bytes)
  }

  finish(): void {
    const { stagingPath, displayPath } = this.#placement
    const { mode, mtimeNs, size } = this.#entry
    finishFile(stagingPath, { mode, mtimeNs, size, displayPath })
  }

  #append(bytes: Uint8Array): void {
    writePiece(this.#placement.stagingPath, this.#at, bytes, this.#placement.displayPath)
    this.#at += bytes.length
  }
}

/** @returns bytes of the archive that were read */
function writeTensor(
  archive: Archive,
  table: TensorTable,
  tensor: Tensor,
  file: TensorFile,
  control: JobControl,
): Promise<number> {
  return withPool(control.signal, async (pool) => {
    let [bytesRead, bytes] = [0, 0]
    for (const { block, from, to } of table.ranges(tensor)) {
      await control.checkpoint()
      const row = archive.index.block(block)
      const raw = await archive.withBlock(row, (input) => pool.run('decode', input))
      file.write(raw.subarray(from, to))
      bytesRead += row.storedLength + (archive.baseOf(row)?.storedLength ?? 0)
      bytes += to - from
      control.progress({ phase: 'work', entries: 0, bytes, entriesTotal: 1, bytesTotal: tensor.bytes })
    }
    file.finish()
    return bytesRead
  })
}
