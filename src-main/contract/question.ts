/** What a job may have to ask while it runs. The shell answers; without a shell the safe answer is taken. */
export interface OverwriteQuestion {
  readonly kind: 'overwrite'
  /** Path of the entry below the destination, "/"-separated. */
  readonly path: string
  readonly existing: { readonly size: number; readonly mtimeMs: number; readonly isDirectory: boolean }
  readonly incoming: { readonly size: number; readonly mtimeMs: number }
}

export const overwriteChoices = ['skip', 'replace', 'rename'] as const
export type OverwriteChoice = (typeof overwriteChoices)[number]

export interface OverwriteAnswer {
  readonly choice: OverwriteChoice
  /** Take the same choice for the rest of the job. */
  readonly forAll: boolean
}

export const overwritePolicies = ['ask', ...overwriteChoices] as const
export type OverwritePolicy = (typeof overwritePolicies)[number]
