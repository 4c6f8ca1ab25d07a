/** How much of an archive is spent on being able to repair it; docs/repair.md says what each survives. */
export const protectionLevels = ['light', 'normal', 'strong'] as const

export type ProtectionLevel = (typeof protectionLevels)[number]
