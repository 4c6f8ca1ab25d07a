import * as v from 'valibot'
import { LmzError } from '../../contract/error'
import { defaultSettings, type Settings, settingsSchema } from '../../contract/shell-api'
import { readJson, writeJson } from './stored-json'

/** The settings of a user, in a file that the shells share. */
export class SettingsFile {
  readonly #path: string
  readonly #listeners = new Set<(settings: Settings) => void>()

  constructor(path: string) {
    this.#path = path
  }

  /** Whatever is missing or broken in the file is as it is by default. */
  async read(): Promise<Settings> {
    return repaired(await readJson(this.#path))
  }

  /** @returns the settings as they are now. @throws LmzError `Usage` for what are none */
  async change(given: unknown): Promise<Settings> {
    const parsed = v.safeParse(settingsSchema, given)
    if (!parsed.success) throw new LmzError('Usage', `These are no settings: ${v.summarize(parsed.issues)}`)
    await writeJson(this.#path, parsed.output)
    for (const listener of this.#listeners) listener(parsed.output)
    return parsed.output
  }

  /** @returns how to unsubscribe */
  onChange(listener: (settings: Settings) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** Takes over each setting that is right by itself: one bad line costs one setting. */
function repaired(found: unknown): Settings {
  if (typeof found !== 'object' || found === null) return defaultSettings
  const right = Object.entries(settingsSchema.entries).flatMap(([name, schema]) => {
    const value: unknown = Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined
    const parsed = v.safeParse(schema, value)
    return parsed.success && parsed.output !== undefined ? [[name, parsed.output] as const] : []
  })
  return { ...defaultSettings, ...(Object.fromEntries(right) as Partial<Settings>) }
}
