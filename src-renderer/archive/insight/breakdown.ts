import type { Share } from '../../../src-main/contract/engine-api'
import type { DataGroup } from '../../../src-main/contract/insight'

/** One line of a list that shares out the stored bytes. */
export interface BreakdownRow {
  readonly key: string
  readonly name: string
  readonly rawBytes: number
  readonly storedBytes: number
  /** Where it is in the archive, by its names from the top level down. */
  readonly place?: readonly string[]
}

export const breakdownColumns = ['name', 'raw', 'stored', 'bits'] as const
export type BreakdownColumn = (typeof breakdownColumns)[number]

export interface BreakdownOrder {
  readonly column: BreakdownColumn
  readonly descending: boolean
}

/** Stored bits for each raw byte; undefined where there is no raw byte. */
export function rowBits({ rawBytes, storedBytes }: BreakdownRow): number | undefined {
  return rawBytes > 0 ? (storedBytes * 8) / rawBytes : undefined
}

export function sortRows(rows: readonly BreakdownRow[], { column, descending }: BreakdownOrder): BreakdownRow[] {
  const sign = descending ? -1 : 1
  if (column === 'name') return rows.toSorted((one, other) => sign * one.name.localeCompare(other.name))
  const of = { raw: rawOf, stored: storedOf, bits: bitsOrNone }[column]
  return rows.toSorted((one, other) => sign * (of(one) - of(other)))
}

function rawOf({ rawBytes }: BreakdownRow): number {
  return rawBytes
}

function storedOf({ storedBytes }: BreakdownRow): number {
  return storedBytes
}

function bitsOrNone(row: BreakdownRow): number {
  return rowBits(row) ?? 0
}

export function groupRows(groups: readonly DataGroup[], nameOf: (name: string) => string): readonly BreakdownRow[] {
  return groups.map(({ name, rawBytes, storedBytes }) => ({ key: name, name: nameOf(name), rawBytes, storedBytes }))
}

/** Of a folder that has hardly anything but one other folder, that other one tells more. */
const mostOfOne = 0.95

/**
 * The largest folders and files of an archive, at any depth, without folders that only lead to another one.
 * @param root the shares of the top level
 */
export function foldersAndFiles(root: Share): {
  readonly folders: readonly BreakdownRow[]
  readonly files: readonly BreakdownRow[]
} {
  const folders: BreakdownRow[] = []
  const files: BreakdownRow[] = []
  const visit = (share: Share, above: readonly string[]): void => {
    for (const part of share.parts ?? []) {
      // What is summed up has no place.
      if (part.id === 0) continue
      const place = [...above, part.name]
      const row = { key: `${part.id}`, name: part.name, rawBytes: part.size, storedBytes: part.stored, place }
      if (!part.isDirectory) files.push(row)
      else {
        if (!leadsOnly(part)) folders.push(row)
        visit(part, place)
      }
    }
  }
  visit(root, [])
  return { folders, files }
}

function leadsOnly({ parts = [], stored }: Share): boolean {
  return parts.some((part) => part.isDirectory && part.id !== 0 && part.stored >= stored * mostOfOne)
}
