import type { Archive } from '../../../archive/archive'
import { displayPath, findEntry } from '../../../archive/selection'
import { openTable } from '../../../archive/tensors/extract-tensor'
import { NpyOutput } from '../../../archive/tensors/npy-output'
import { gatherTensor, tensorPieces } from '../../../archive/tensors/tensor-bytes'
import { filesOfTensors } from '../../../archive/tensors/tensor-files'
import { TensorTable } from '../../../archive/tensors/tensor-table'
import { exponentEntropy } from '../../../archive/tensors/value-statistics'
import { type TensorRow, type TensorTypeFacts, tensorTypes } from '../../../contract/tensor'
import type { Tensor } from '../../../intake/tensors/layout'
import type { CommandContext } from '../context'
import type { PasswordFlags } from '../passwords'
import { counted } from '../wording'
import { throwIfCancelled, withArchive } from '../opened'

type TensorFlags = PasswordFlags & { readonly entropy?: boolean }

/** The tensors of a file, or the files of an archive that have some. */
export async function tensorsCommand(
  context: CommandContext,
  path: string,
  entryPath: string | undefined,
  options: TensorFlags,
): Promise<void> {
  await withArchive(context, path, options, (archive) =>
    entryPath === undefined ? listFiles(context, archive) : listTensors(context, archive, entryPath, options),
  )
}

async function listFiles({ terminal, signal }: CommandContext, archive: Archive): Promise<void> {
  let files = 0
  for (const entry of filesOfTensors(archive)) {
    throwIfCancelled(signal)
    const table = TensorTable.open(archive, entry)
    if (table === undefined) continue
    files++
    const { format, total, elements, bytes, stored } = table.page(0, 0)
    const name = displayPath(archive, entry)
    terminal.event('entry', { path: name, format, tensors: total, elements, bytes, stored: Math.round(stored) })
    const bits = elements === 0 ? '' : `, ${((stored * 8) / elements).toFixed(2)} bits each`
    terminal.line(`${name}  ${format}, ${counted(total, 'tensor')}, ${counted(elements, 'number')}${bits}`)
    await terminal.flush()
  }
  if (files === 0 && !terminal.isJson) terminal.notice(`Nothing in ${archive.name} has tensors.`)
  terminal.event('result', { verb: 'tensors', files })
}

async function listTensors(
  { terminal, signal }: CommandContext,
  archive: Archive,
  entryPath: string,
  { entropy = false }: TensorFlags,
): Promise<void> {
  const table = openTable(archive, findEntry(archive, entryPath))
  const { format, total, elements, bytes, stored } = table.page(0, 0)
  // Not as arguments of one call: there may be more of them than a call takes.
  const longest = table.tensors.reduce((most, { name }) => Math.max(most, name.length), 4)
  const nameWidth = Math.min(60, longest)
  terminal.line(lineOf(['name', 'type', 'shape', 'bytes', 'bits', ...(entropy ? ['exponent'] : [])], nameWidth))
  for (let number = 0; number < total; number++) {
    throwIfCancelled(signal)
    const row = table.row(number)
    const exponent = entropy ? await entropyOf(archive, table, table.tensor(number)) : undefined
    const { elements: ofRow, bitsPerElement, stored: ofStored, ...rest } = row
    terminal.event('tensor', {
      ...rest,
      elements: ofRow,
      stored: Math.round(ofStored),
      bitsPerElement,
      exponentEntropy: exponent,
    })
    terminal.line(lineOf([...cellsOf(row), ...(entropy ? [exponent?.toFixed(2) ?? ''] : [])], nameWidth))
    if (terminal.isFull) await terminal.flush()
  }
  const bits = elements === 0 ? '' : `, ${((stored * 8) / elements).toFixed(2)} bits each`
  terminal.line(`${format}, ${counted(total, 'tensor')}, ${counted(elements, 'number')}${bits}`)
  terminal.event('result', { verb: 'tensors', format, tensors: total, elements, bytes, stored: Math.round(stored) })
}

/** One tensor of a file, as its bytes are or as an .npy file. */
export async function printTensor(
  { terminal, signal }: CommandContext,
  archive: Archive,
  entryPath: string,
  { name, npy }: { readonly name: string; readonly npy: boolean },
): Promise<void> {
  const entry = findEntry(archive, entryPath)
  const table = openTable(archive, entry)
  const tensor = table.named(name, entry.id)
  const output = npy ? new NpyOutput(tensor) : undefined
  let bytes = 0
  const print = async (piece: Uint8Array): Promise<void> => {
    if (terminal.isJson) terminal.event('data', { base64: Buffer.from(piece).toString('base64') })
    await (terminal.isJson ? terminal.flush() : terminal.output.write(piece))
    bytes += piece.length
  }
  if (output !== undefined) await print(output.header)
  for (const piece of tensorPieces(archive, table, tensor)) {
    await print(output?.convert(piece) ?? piece)
    throwIfCancelled(signal)
    if (terminal.output.isClosed) return
  }
  terminal.event('result', { verb: 'cat', path: displayPath(archive, entry.id), tensor: name, bytes })
}

/** Bits an element, of floats alone. */
async function entropyOf(archive: Archive, table: TensorTable, tensor: Tensor): Promise<number | undefined> {
  const { float }: TensorTypeFacts = tensorTypes[tensor.type]
  if (float === undefined) return undefined
  const bytes = await gatherTensor(table, tensor, (block) => archive.readBlock(block))
  return exponentEntropy(tensor.type, bytes, tensor.isBigEndian === true)
}

function cellsOf({ name, type, shape, bytes, bitsPerElement }: TensorRow): readonly string[] {
  return [name, type, shape.length === 0 ? '1' : shape.join('x'), String(bytes), bitsPerElement?.toFixed(2) ?? '']
}

function lineOf(
  [name = '', type = '', shape = '', bytes = '', bits = '', exponent]: readonly string[],
  nameWidth: number,
): string {
  const cells = [name.padEnd(nameWidth), type.padEnd(8), shape.padEnd(14), bytes.padStart(12), bits.padStart(6)]
  return [...cells, ...(exponent === undefined ? [] : [exponent.padStart(8)])].join(' ').trimEnd()
}
