import type { ContentKind } from '../../contract/content-kind'
import type { WorkItem } from '../../index/work-list'
import type { DataGroup, DataGroups } from './groups'
import type { PackPrimer } from './shelf'

/** A primer and the kind of data it was found to pay for. */
export interface ChosenPrimer {
  readonly kind: ContentKind
  readonly primer: PackPrimer
}

/** Which files start from which primer. */
export class ChosenPrimers {
  readonly #groups: DataGroups | undefined
  readonly #byGroup: ReadonlyMap<DataGroup, ChosenPrimer>

  constructor(groups?: DataGroups, byGroup: ReadonlyMap<DataGroup, ChosenPrimer> = new Map()) {
    this.#groups = groups
    this.#byGroup = byGroup
  }

  /** The primer for a file whose contents are of this kind. */
  of(item: WorkItem, kind: ContentKind): PackPrimer | undefined {
    const group = this.#byGroup.size === 0 ? undefined : this.#groups?.of(item)
    const chosen = group === undefined ? undefined : this.#byGroup.get(group)
    return chosen?.kind === kind ? chosen.primer : undefined
  }
}
