import type { ContentKind } from '../../../src-main/contract/content-kind'
import type { EntryRow } from '../../../src-main/contract/engine-api'
import { t } from '../../i18n/text.svelte'
import type { IconName } from '../../ui/icon-paths'

const kindIcons: Readonly<Record<ContentKind, IconName>> = {
  binary: 'file',
  text: 'text',
  code: 'code',
  structured: 'text',
  executable: 'binary',
  image: 'image',
  media: 'media',
  tensor: 'binary',
  compressed: 'archive',
}

const pictureEndings = /\.(?:png|jpe?g|gif|webp|avif|bmp|svg|ico|tiff?|heic|jxl)$/i

export function iconOf(row: Pick<EntryRow, 'kind' | 'contentKind' | 'name'>): IconName {
  if (row.kind === 'directory') return 'folder'
  if (row.kind === 'symlink') return 'link'
  if (row.contentKind === undefined) return 'file'
  // Pictures that are compressed already are told apart from sound and film by their names alone.
  if (row.contentKind === 'media') return pictureEndings.test(row.name) ? 'image' : 'media'
  return kindIcons[row.contentKind]
}

export function kindText(row: EntryRow): string {
  if (row.kind === 'directory') return t('archive:kind.directory')
  if (row.kind === 'symlink') return t('archive:kind.symlink')
  if (row.isMissing === true) return t('archive:kind.missing')
  return row.contentKind === undefined ? t('archive:kind.binary') : t(`archive:kind.${row.contentKind}`)
}

/** Bits of the archive for each byte of the file; undefined where there are no bytes, or nobody knows. */
export function bitsOf(row: Pick<EntryRow, 'size' | 'stored'>): number | undefined {
  if (row.stored === undefined || row.size === undefined || row.size === 0) return undefined
  return (row.stored * 8) / row.size
}
