import { coarserGroup, groupDepth } from '../../intake/data-group'
import type { WorkItem, WorkList } from '../../index/work-list'

/** Files whose data is alike, as far as their names tell. */
export interface DataGroup {
  readonly files: number
  readonly bytes: number
}

/** Groups that get a primer each, at most: blocks of several groups are filled at the same time. */
const mostGroups = 8
/** Groups by name that are looked at; what lies in still smaller ones stays without. */
const mostNames = 10_000
/** A file with this share of its group's bytes is a group of its own: two tables of one folder need not be alike. */
const ownGroupShare = 1 / 4

interface Gathered {
  files: number
  bytes: number
  readonly names: string[]
}

/**
 * Divides the files of a work list into groups that are worth a primer: the finest that have enough bytes, from one folder
 * and extension up to all files of a kind. Small ones are taken together with their likes.
 */
export class DataGroups {
  readonly #byName = new Map<string, DataGroup>()
  readonly #byEntry = new Map<number, DataGroup>()
  /** The largest first. */
  readonly all: readonly DataGroup[]

  /** @param leastBytes a group has at least so many */
  constructor(work: WorkList, leastBytes: number) {
    const found = gather(work, leastBytes)
    const own = ownGroups(work, found, leastBytes)
    const shared = found.filter(({ bytes }) => bytes >= leastBytes)
    this.all = [...shared, ...own.map(({ group }) => group)]
      .sort((left, right) => right.bytes - left.bytes)
      .slice(0, mostGroups)
    const chosen = new Set(this.all)
    for (const group of shared) if (chosen.has(group)) for (const name of group.names) this.#byName.set(name, group)
    for (const { entry, group } of own) this.#byEntry.set(entry, group)
  }

  of(item: WorkItem): DataGroup | undefined {
    if (item.group === undefined) return undefined
    return this.#byEntry.get(item.entry) ?? this.#byName.get(item.group)
  }
}

/** From the finest level to the coarsest: what is large enough is a group, the rest is taken together with its likes. */
function gather(work: WorkList, leastBytes: number): Gathered[] {
  const levels: Map<string, Gathered>[] = []
  const levelOf = (name: string): Map<string, Gathered> => (levels[groupDepth(name)] ??= new Map<string, Gathered>())
  for (const { group, files, bytes } of work.groups(mostNames)) {
    levelOf(group).set(group, { files, bytes, names: [group] })
  }
  const found: Gathered[] = []
  for (let depth = levels.length - 1; depth >= 0; depth--) {
    for (const [name, gathered] of levels[depth] ?? []) {
      const coarser = coarserGroup(name)
      if (gathered.bytes >= leastBytes) found.push(gathered)
      else if (coarser !== undefined) merge(levelOf(coarser), coarser, gathered)
    }
  }
  return found
}

function merge(level: Map<string, Gathered>, name: string, { files, bytes, names }: Gathered): void {
  const known = level.get(name)
  if (known === undefined) {
    level.set(name, { files, bytes, names: [...names] })
    return
  }
  known.files += files
  known.bytes += bytes
  known.names.push(...names)
}

/** Takes large files out of their groups. */
function ownGroups(
  work: WorkList,
  found: readonly Gathered[],
  leastBytes: number,
): { readonly entry: number; readonly group: DataGroup }[] {
  const byName = new Map(found.flatMap((gathered) => gathered.names.map((name) => [name, gathered])))
  const totals = new Map(found.map((gathered) => [gathered, gathered.bytes]))
  const own: { entry: number; group: DataGroup }[] = []
  for (const { entry, size, group } of work.largestFiles(mostGroups * 4)) {
    const gathered = group === undefined ? undefined : byName.get(group)
    if (gathered === undefined || size < leastBytes || size < (totals.get(gathered) ?? 0) * ownGroupShare) continue
    own.push({ entry, group: { files: 1, bytes: size } })
    gathered.files--
    gathered.bytes -= size
  }
  return own
}
