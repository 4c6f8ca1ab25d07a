import { isAbsolute } from 'node:path'
import * as v from 'valibot'
import { LmzError } from '../../contract/error'
import { type ShellApi, settingsSchema } from '../../contract/shell-api'

/** Longer than any system allows a path to be. */
const longestPath = 32_768
/** More than anybody drags at a time. */
const mostDragged = 1000

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** A path that means the same wherever the process was started. */
export const absolutePath = v.pipe(
  v.string(),
  v.maxLength(longestPath),
  v.check((path) => isAbsolute(path), 'not an absolute path'),
  v.check((path) => !path.includes('\0'), 'a path with a NUL in it'),
)

const folderToList =
  process.platform === 'win32' ? v.optional(v.union([v.literal(''), absolutePath])) : v.optional(absolutePath)

const schemas = {
  facts: v.strictTuple([]),
  choose: v.strictTuple([
    v.picklist(['sources', 'archive', 'saveArchive', 'folder']),
    v.optional(v.pipe(v.string(), v.maxLength(longestPath))),
  ]),
  listFolder: v.strictTuple([folderToList]),
  exists: v.strictTuple([absolutePath]),
  recent: v.strictTuple([]),
  forget: v.strictTuple([absolutePath]),
  settings: v.strictTuple([]),
  changeSettings: v.strictTuple([settingsSchema]),
  showing: v.strictTuple([v.optional(absolutePath)]),
  reveal: v.strictTuple([absolutePath]),
  openEntry: v.strictTuple([id, id, v.boolean()]),
  entryUrl: v.strictTuple([id, id]),
  dragOut: v.strictTuple([id, v.pipe(v.array(id), v.minLength(1), v.maxLength(mostDragged))]),
  newUpload: v.strictTuple([]),
  openWindow: v.strictTuple([v.optional(absolutePath)]),
  closeWindow: v.strictTuple([]),
} satisfies Record<keyof ShellApi, v.GenericSchema>

export function isShellCall(name: string): name is keyof ShellApi {
  return Object.hasOwn(schemas, name)
}

/** The arguments of a call from a window, once they are found to be of the right kind. @throws LmzError `Usage` */
export function checkedShellArguments(name: keyof ShellApi, given: readonly unknown[]): unknown[] {
  // Arguments left out at the end and given as undefined are the same.
  const full = [...given, ...Array<undefined>(Math.max(0, schemas[name].items.length - given.length))]
  const parsed = v.safeParse(schemas[name], full)
  if (!parsed.success) throw new LmzError('Usage', `Not a call of ${name}: ${v.summarize(parsed.issues)}`)
  return parsed.output
}
