import type { ContentKind } from '../contract/content-kind'

/** MIME types (their beginning) of the formats that file-type knows; the first that fits. */
const kindsByMediaType: readonly (readonly [string, ContentKind])[] = [
  ['image/bmp', 'image'],
  ['image/x-icon', 'image'],
  ['image/icns', 'image'],
  ['image/vnd.adobe.photoshop', 'image'],
  ['image/x-xcf', 'image'],
  ['image/ktx', 'image'],
  ['image/', 'media'],
  ['video/', 'media'],
  // Sound as it is, notes and module files: predictable, but not like any other kind.
  ['audio/wav', 'binary'],
  ['audio/aiff', 'binary'],
  ['audio/x-caf', 'binary'],
  ['audio/midi', 'binary'],
  ['audio/x-it', 'binary'],
  ['audio/x-s3m', 'binary'],
  ['audio/x-xm', 'binary'],
  ['audio/x-voc', 'binary'],
  ['audio/x-dsf', 'binary'],
  ['audio/x-dff', 'binary'],
  ['audio/', 'media'],
  ['application/ogg', 'media'],
  ['application/vnd.ms-asf', 'media'],
  ['application/vnd.rn-realmedia', 'media'],
  ['application/mxf', 'media'],
  ['application/x-shockwave-flash', 'media'],
  ['application/x-elf', 'executable'],
  ['application/x-mach-binary', 'executable'],
  ['application/x-msdownload', 'executable'],
  ['application/wasm', 'executable'],
  ['application/java-vm', 'executable'],
  ['font/woff', 'compressed'],
  ['application/zip', 'compressed'],
  ['application/pdf', 'compressed'],
  ['application/gzip', 'compressed'],
  ['application/zstd', 'compressed'],
  ['application/lzip', 'compressed'],
  ['application/x-lz4', 'compressed'],
  ['application/x-ft-draco', 'compressed'],
  ['application/x-compress', 'compressed'],
  ['application/x-lzh-compressed', 'compressed'],
  ['application/x-ace-compressed', 'compressed'],
  ['application/x-rar-compressed', 'compressed'],
  ['application/x-arj', 'compressed'],
  ['application/x-xz', 'compressed'],
  ['application/x-bzip2', 'compressed'],
  ['application/x-7z-compressed', 'compressed'],
  ['application/vnd.ms-cab-compressed', 'compressed'],
  ['application/x-google-chrome-extension', 'compressed'],
  ['application/x-rpm', 'compressed'],
  ['application/x-deb', 'compressed'],
  ['application/x-apple-diskimage', 'compressed'],
  ['application/vnd.apache.parquet', 'compressed'],
  ['application/pgp-encrypted', 'compressed'],
  ['application/vnd.ms-htmlhelp', 'compressed'],
]

/**
 * The kind of a format that {@link kindOfMagic} does not know, found by the file-type library; undefined if it does not know it either.
 * The library is loaded when it is first needed (about 30 ms). It reads data as a stream and therefore answers by promise.
 */
export async function kindOfRareFormat(head: Uint8Array): Promise<ContentKind | undefined> {
  const { fileTypeFromBuffer } = await import('file-type')
  // Classification must never fail a file: whatever a parser trips over is simply not known.
  const type = await fileTypeFromBuffer(head).catch(() => undefined)
  if (type === undefined) return undefined
  return kindsByMediaType.find(([beginning]) => type.mime.startsWith(beginning))?.[1]
}
