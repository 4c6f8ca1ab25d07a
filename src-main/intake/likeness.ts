import { contentKinds } from '../contract/content-kind'
import { extensionOf, kindOfName } from './name-kind'

/** Sort before every character of a name, so that a folder is followed by what lies below it. */
const separator = '\0'
const levelSeparator = '\x01'
/** Files whose name says nothing come last. */
const unknownKind = String.fromCharCode(0x30 + Object.keys(contentKinds).length)

/**
 * Files sorted by this key (by code units) lie so that alike ones share a block: by the kind that the name promises,
 * then directory, extension and name.
 *
 * Measured on trees without duplicates (zstd -3 in 1 MiB blocks; bytes against a random order):
 *
 *                                     source, docs, HTML   whole dev corpus   npm packages   /usr/include
 *     path                                 -7.5 %              -3.2 %            -3.6 %        -10.0 %
 *     kind, path                           -7.6 %              -2.8 %            -4.0 %         -9.7 %
 *     kind, extension, path                -7.6 %              -2.9 %            -3.5 %         -9.9 %
 *     kind, extension, name, directory     -5.9 %              -2.5 %            -2.0 %         -8.4 %
 *     kind, extension, size                -5.4 %              -2.6 %            -2.0 %         -5.0 %
 *     this key                             -7.8 %              -2.8 %            -3.6 %         -9.9 %
 *
 * What lies in one directory belongs together more than what has one extension. `path` alone saves blocks of small
 * archives from being split by kind, but a block holds one kind only.
 * @param path "/"-separated, as in the archive
 */
export function likenessKey(path: string): string {
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1)
  const kind = kindOfName(name)
  const kindCharacter = kind === undefined ? unknownKind : String.fromCharCode(0x30 + contentKinds[kind])
  const directory = slash < 0 ? '' : path.slice(0, slash).replaceAll('/', levelSeparator)
  return kindCharacter + directory + separator + extensionOf(name) + separator + name
}
