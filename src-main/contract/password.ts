/** What a password is wanted for. */
export interface PasswordQuestion {
  /** The archive's file name. */
  readonly archive: string
  /** 1 at first, more after wrong ones. */
  readonly attempt: number
}

/** How the password of an archive is had, should it have one. */
export interface PasswordOptions {
  readonly password?: string | undefined
  /** Asked if there is no `password`, and again after each wrong answer. Throws to give up. */
  readonly askPassword?: ((question: PasswordQuestion) => Promise<string>) | undefined
  /** Whether an archive may ask for more than a gibibyte of memory, or ten seconds, to try one password. */
  readonly allowCostlyPassword?: boolean | undefined
}

export const passwordChanges = ['change', 'add', 'remove'] as const
/** What is done about the passwords of an archive: that which it is opened with is changed, joined by another, or removed. */
export type PasswordChange = (typeof passwordChanges)[number]

/** Passwords that one archive can have. */
export const mostPasswords = 8

/** What travels with a job and is never shown with it: kept in memory until the job has ended, and written nowhere. */
export interface JobSecrets {
  /** Of the archive, which exists or is to be made. */
  readonly password?: string | undefined
  /** Of a change of passwords. */
  readonly newPassword?: string | undefined
}
