import type { AccountPart, AccountPartName, ArchiveAccount, ModelShare } from '../../../src-main/contract/insight'
import { contentKinds } from '../../../src-main/contract/content-kind'
import { isTextKey, t } from '../../i18n/text.svelte'

/** A stretch of a bar that stands for bytes. */
export interface Segment {
  readonly key: string
  readonly label: string
  readonly bytes: number
  /** A CSS colour. */
  readonly colour: string
  /** Drawn in stripes: it is no part of the archive itself. */
  readonly isBeside?: boolean
}

/** Content is blue, what protects it green, lists are yellow, the rest is grey: data and parity, the largest, are far apart. */
export const partColours: Readonly<Record<AccountPartName, string>> = {
  data: 'var(--bits-3)',
  primers: 'var(--bits-2)',
  index: 'var(--bits-7)',
  indexCopy: 'var(--bits-8)',
  checkpoints: 'color-mix(in srgb, var(--bits-7) 50%, var(--bits-8))',
  olderIndexes: 'var(--bits-6)',
  parity: 'var(--bits-5)',
  hints: 'var(--bits-1)',
  keys: 'var(--bits-0)',
  seals: 'color-mix(in srgb, var(--bits-0) 50%, var(--bits-1))',
  frameHeaders: 'var(--border-strong)',
  footers: 'var(--border-strong)',
  header: 'var(--border-strong)',
  unused: 'var(--warning)',
  debris: 'var(--danger)',
}

/** The archive as parts that add up to its size, to the byte; with the models that it needs if they are counted. */
export function segmentsOf(account: ArchiveAccount, countModels: boolean): readonly Segment[] {
  const parts = account.parts.map((part) => segmentOf(part))
  return countModels ? [...parts, ...account.models.map((model) => modelSegment(model))] : parts
}

function segmentOf({ name, bytes }: AccountPart): Segment {
  return { key: name, label: t(`insight:part.${name}`), bytes, colour: partColours[name] }
}

function modelSegment({ id, bytes }: ModelShare): Segment {
  return { key: `model ${id}`, label: t('insight:model', { id }), bytes, colour: 'var(--bits-4)', isBeside: true }
}

export function sumOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The name of a content kind, as the list of entries has it. */
export function kindName(name: string): string {
  const kind = (Object.keys(contentKinds) as (keyof typeof contentKinds)[]).find((each) => each === name)
  return kind === undefined ? name : t(`archive:kind.${kind}`)
}

/** The name of a codec, with what it does. */
export function codecName(name: string): string {
  const key = `insight:codec.${name}`
  return isTextKey(key) ? t(key) : name
}
