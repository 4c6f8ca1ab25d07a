/** How much work an archive is worth: `fast` is for speed, `balanced` the default, `max` takes what it needs. */
export const presetNames = ['fast', 'balanced', 'max'] as const
export type PresetName = (typeof presetNames)[number]

export const minimumBlockSize = 64 * 1024
export const maximumBlockSize = 16 * 1024 * 1024
