import { t } from '../../i18n/text.svelte'

/** A byte as a reader knows it: its character where it has one that can be seen, its value otherwise. */
export function byteText(byte: number): string {
  if (byte === 0x20) return t('insight:surprise.space')
  if (byte === 0x0a) return t('insight:surprise.newline')
  if (byte === 0x09) return t('insight:surprise.tab')
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hexText(byte)
}

export function hexText(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`
}
