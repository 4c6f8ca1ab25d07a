/**
 * Every failure lmz can name. Codes are part of the contract: shells map them to
 * exit codes, banners and wording, so a code is never reused for another meaning.
 */
export const lmzErrorCodes = [
  /** The bytes are not an lmz archive, or break a rule of the format. */
  'Format',
  /** Bytes that were once right are damaged or missing, and data is lost. */
  'Corrupt',
  /** Damage was found and undone; nothing is lost. */
  'Repaired',
  /** Wrong password, or an authentication tag that does not match. */
  'Auth',
  /** A declared size, count or cost is over what lmz is willing to process. */
  'Limit',
  /** A name or link that would leave the destination or is not one path component. */
  'UnsafePath',
  /** Two entries want one place, or a file stands where one should go. */
  'Collision',
  /** A block needs a model that is not installed, or not as it was shipped. */
  'ModelMissing',
  /** The disk, quota or file size limit is exhausted. */
  'NoSpace',
  /** The operating system refused or failed an operation. */
  'Io',
  /** Someone else is writing this archive. */
  'Busy',
  /** A newer format version, an unknown codec, or a feature this build lacks. */
  'Unsupported',
  /** A file or folder that was asked for does not exist. */
  'NotFound',
  /** A source file changed, vanished or could not be read while it was being added. */
  'SourceChanged',
  /** The caller asked for something that makes no sense. */
  'Usage',
  /** The engine's process ended unexpectedly; what it was at is not done, and archives are whole. */
  'EngineEnded',
  /** The user cancelled. */
  'Cancelled',
] as const

export type LmzErrorCode = (typeof lmzErrorCodes)[number]

/** Why nothing could be decrypted: the password is missing or wrong, or it is right and the bytes are not what was encrypted. */
export type AuthReason = 'password' | 'damaged'

/** What the operating system answered, by its POSIX name: those that shells have words of their own for. */
export type SystemReason = keyof typeof systemErrors

export interface LmzErrorDetail {
  /** The archive, source file or entry the error is about, as a person would write it. */
  readonly subject?: string
  /** Byte offset in the archive, where there is one. */
  readonly offset?: number
  /** Of an `Auth`. */
  readonly reason?: AuthReason
  /** Where an operation failed that was asked of the system. */
  readonly system?: SystemReason
  readonly cause?: unknown
}

/** An error as it crosses a process boundary: plain data, rebuilt with {@link LmzError.fromData}. */
export interface LmzErrorData {
  readonly code: LmzErrorCode
  readonly message: string
  readonly subject?: string | undefined
  readonly offset?: number | undefined
  readonly reason?: AuthReason | undefined
  readonly system?: SystemReason | undefined
}

/** The one error type of lmz. `message` is a sentence for a person: what happened and what is safe. */
export class LmzError extends Error {
  override readonly name = 'LmzError'
  readonly code: LmzErrorCode
  readonly subject: string | undefined
  readonly offset: number | undefined
  readonly reason: AuthReason | undefined
  readonly system: SystemReason | undefined

  constructor(code: LmzErrorCode, message: string, detail: LmzErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.subject = detail.subject
    this.offset = detail.offset
    this.reason = detail.reason
    this.system = detail.system
  }

  toData(): LmzErrorData {
    const { code, message, subject, offset, reason, system } = this
    const told = { ...(reason === undefined ? {} : { reason }), ...(system === undefined ? {} : { system }) }
    return { code, message, subject, offset, ...told }
  }

  static fromData(data: LmzErrorData): LmzError {
    return new LmzError(data.code, data.message, {
      ...(data.subject === undefined ? {} : { subject: data.subject }),
      ...(data.offset === undefined ? {} : { offset: data.offset }),
      ...(data.reason === undefined ? {} : { reason: data.reason }),
      ...(data.system === undefined ? {} : { system: data.system }),
    })
  }
}

/** Whether bytes are not what was written: damaged or, in an encrypted archive, perhaps changed on purpose. */
export function isDamage(thrown: unknown): thrown is LmzError {
  return thrown instanceof LmzError && (thrown.code === 'Corrupt' || thrown.reason === 'damaged')
}

/** Whether a password is missing or wrong. */
export function isPasswordMissing(thrown: unknown): thrown is LmzError {
  return thrown instanceof LmzError && thrown.reason === 'password'
}

const systemErrors = {
  ENOSPC: { code: 'NoSpace', sentence: 'the disk is full' },
  EDQUOT: { code: 'NoSpace', sentence: 'the disk quota is used up' },
  EFBIG: { code: 'NoSpace', sentence: 'the file system does not allow a file this large' },
  ENOENT: { code: 'NotFound', sentence: 'it does not exist' },
  EACCES: { code: 'Io', sentence: 'permission denied' },
  EPERM: { code: 'Io', sentence: 'the operation is not permitted' },
  EROFS: { code: 'Io', sentence: 'the file system is read-only' },
  EIO: { code: 'Io', sentence: 'the device reported an input/output error' },
  EMFILE: { code: 'Io', sentence: 'too many files are open' },
  ELOOP: { code: 'Io', sentence: 'links lead from one to the other without end' },
  ENAMETOOLONG: { code: 'Io', sentence: 'its name is too long' },
  EISDIR: { code: 'Io', sentence: 'it is a folder' },
  ENOTDIR: { code: 'Io', sentence: 'a part of its path is not a folder' },
  EEXIST: { code: 'Collision', sentence: 'something of that name is already there' },
} as const satisfies Readonly<Record<string, { readonly code: LmzErrorCode; readonly sentence: string }>>

export const systemReasons = Object.keys(systemErrors) as readonly SystemReason[]

/**
 * Turns anything thrown into an {@link LmzError}; an LmzError passes through unchanged.
 * @param action what was being done, as the start of a sentence: "Cannot read photos/a.jpg"
 */
export function toLmzError(thrown: unknown, action: string, subject?: string): LmzError {
  if (thrown instanceof LmzError) return thrown
  const systemCode = (thrown as { readonly code?: string } | undefined)?.code ?? ''
  const system = systemReasons.find((each) => each === systemCode)
  const known = system === undefined ? undefined : systemErrors[system]
  const reason = known?.sentence ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return new LmzError(known?.code ?? 'Io', `${action}: ${reason}.`, {
    cause: thrown,
    ...(subject === undefined ? {} : { subject }),
    ...(system === undefined ? {} : { system }),
  })
}
