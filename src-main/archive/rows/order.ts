import { contentKinds } from '../../contract/content-kind'
import type { RowColumn, RowOrder } from '../../contract/engine-api'
import { entryKinds } from '../../contract/entry'
import { noContentKind } from '../../index/content-shares'
import { compareNames } from '../../index/name-order'
import type { EntrySizes, EntryTable } from './entry-table'
import { kindOfFile } from './kind-of-file'
import { naturalKey } from './natural-key'
import { sortInSteps } from './sort'

export interface OrderSource {
  readonly table: EntryTable
  /** Needed for all columns but name and modified. */
  readonly sizes: EntrySizes | undefined
  /** The name of an entry as it is stored, for names that differ in case alone. */
  readonly exactName: (position: number) => string
}

/** Whether a column cannot be compared before all sizes are known. */
export function needsSizes(column: RowColumn): boolean {
  return column !== 'name' && column !== 'modified'
}

/** Positions in their natural order by name, directories first. Yields now and then. */
export function* orderByName({ table, exactName }: OrderSource, positions: Uint32Array): Generator<void, Uint32Array> {
  const keys: string[] = []
  for (const position of positions) {
    keys.push(naturalKey(table.names.at(position)))
    if (keys.length % 4096 === 0) yield
  }
  const compare = (left: number, right: number): number => {
    const [leftKey, rightKey] = [keys[left] ?? '', keys[right] ?? '']
    if (leftKey !== rightKey) return leftKey < rightKey ? -1 : 1
    return compareNames(exactName(positions[left] ?? 0), exactName(positions[right] ?? 0))
  }
  const sorted = yield* sortInSteps(ordinals(positions.length), compare)
  return foldersFirst(table, take(positions, sorted), false)
}

/** Puts positions that are in order by name in another one; equal ones stay in order by name. Yields now and then. */
export function* reorder(
  source: OrderSource,
  byName: Uint32Array,
  { column, descending }: RowOrder,
): Generator<void, Uint32Array> {
  if (column === 'name') return descending ? foldersFirst(source.table, byName, true) : byName
  const values = new Float64Array(byName.length)
  const valueAt = valuesOf(source, column)
  for (let at = 0; at < byName.length; at++) {
    values[at] = valueAt(byName[at] ?? 0)
    if (at % 4096 === 0) yield
  }
  const sign = descending ? -1 : 1
  const compare = (left: number, right: number) => sign * ((values[left] ?? 0) - (values[right] ?? 0))
  const sorted = yield* sortInSteps(ordinals(byName.length), compare)
  return foldersFirst(source.table, take(byName, sorted), false)
}

function valuesOf({ table, sizes }: OrderSource, column: Exclude<RowColumn, 'name'>): (position: number) => number {
  if (column === 'modified') return (at) => table.mtimesMs[at] ?? 0
  if (sizes === undefined) throw new TypeError(`the sizes are needed to sort by ${column}`)
  switch (column) {
    case 'size':
      return (at) => sizes.sizes[at] ?? 0
    case 'stored':
      return (at) => sizes.stored[at] ?? 0
    case 'bits':
      return (at) => ((sizes.sizes[at] ?? 0) === 0 ? 0 : (sizes.stored[at] ?? 0) / (sizes.sizes[at] ?? 0))
    case 'kind':
      return (at) => {
        const kind = sizes.contentKinds[at] ?? noContentKind
        return (
          (table.kinds[at] ?? 0) * 1000 +
          (kind === noContentKind ? kind : contentKinds[kindOfFile(table.names.at(at), kind)])
        )
      }
  }
}

function foldersFirst({ kinds }: EntryTable, positions: Uint32Array, reversed: boolean): Uint32Array {
  const ordered = reversed ? positions.toReversed() : positions
  const isFolder = (at: number) => kinds[at] === entryKinds.directory
  const result = new Uint32Array(positions.length)
  let next = 0
  for (const at of ordered) if (isFolder(at)) result[next++] = at
  for (const at of ordered) if (!isFolder(at)) result[next++] = at
  return result
}

function ordinals(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, at) => at)
}

function take(positions: Uint32Array, order: Uint32Array): Uint32Array {
  return order.map((at) => positions[at] ?? 0)
}
