import type { ContentKind } from '../../contract/content-kind'

/** Kinds whose remnants may share a last block: what models of one family compress. */
export const kindFamilies: readonly (readonly ContentKind[])[] = [
  ['text', 'code', 'structured'],
  ['executable', 'binary', 'image', 'tensor'],
  ['media', 'compressed'],
]
