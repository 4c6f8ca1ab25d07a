import type { JobOptions } from '../../archive/job-control'
import type { ExtractionLimits, JobRequestOf, JobVerb } from '../../contract/job'
import type { PresetName } from '../../contract/preset'
import type { PasswordChange } from '../../contract/password'
import type { ProtectionLevel } from '../../contract/protection'
import type { OverwritePolicy } from '../../contract/question'
import type {
  EstimateReport,
  ExtractReport,
  PackReport,
  PasswordReport,
  RepairReport,
  ReportOf,
  SalvageReport,
  VerifyReport,
} from '../../contract/report'
import { checkedRequest, runJob, type RunOptions } from '../../engine/run-job'

/** What adding and making an archive have in common. */
export interface PackOptions extends JobOptions {
  /** How much work to spend; `balanced` for a new archive, else what the archive was made with. */
  readonly preset?: PresetName | undefined
  /** Raw bytes of a block, 64 KiB to 16 MiB: large is small, but slow to open. The preset's or the archive's own if not given. */
  readonly blockSize?: number | undefined
  /** Glob patterns of what to leave out: by name ("*.tmp"), or by path if there is a "/" in them ("build/**"). */
  readonly exclude?: readonly string[] | undefined
  /** A remark kept in the archive. */
  readonly comment?: string | undefined
  /** Whether to look for primers: samples of the data that blocks start from, where they pay for being stored. Default true. */
  readonly primers?: boolean | undefined
}

export interface AddOptions extends PackOptions {
  /** The folder of the archive to add to, such as "docs/images"; its top level if not given. */
  readonly into?: string | undefined
}

export interface CreateOptions extends PackOptions {
  /** Whether it can be repaired when it is damaged, and how well; kept by all later changes. Not if not given. */
  readonly protection?: ProtectionLevel | undefined
  /** Whether an archive that is there already may be replaced, once the new one is complete. Default false. */
  readonly replace?: boolean | undefined
  /** Whether it is encrypted; by default if there is a `password`. Without one, `askPassword` is asked. */
  readonly encrypt?: boolean | undefined
}

export interface EstimateOptions extends JobOptions {
  /** Where the archive would be made: to learn in time that it could not. */
  readonly archive?: string | undefined
  /** Whether an archive that is there already would be replaced. Default false. */
  readonly replace?: boolean | undefined
  /** The only one to tell of; all if not given. */
  readonly preset?: PresetName | undefined
  /** As for {@link createArchive}. */
  readonly blockSize?: number | undefined
  readonly exclude?: readonly string[] | undefined
}

export interface ProtectOptions extends JobOptions {
  /** How much damage it survives; the archive's own level if not given, or `normal`. */
  readonly level?: ProtectionLevel | undefined
}

export interface ExtractOptions extends JobOptions {
  /** What to do about files that exist. `ask`, the default, needs an `ask` callback; without one, they are skipped. */
  readonly overwrite?: OverwritePolicy | undefined
  /** Whether several top-level items go into a folder named after the archive. Default true. */
  readonly smart?: boolean | undefined
  /** Which symlinks to make: those that stay inside of what is extracted (`safe`, the default), `all` or `none`. */
  readonly links?: 'safe' | 'all' | 'none' | undefined
  /**
   * What it may take at most: bytes of all files, entries, and hours of decoding on one core. Without: 16 GiB, a million and 24, or in proportion
   * to the archive if that is more.
   */
  readonly limits?: ExtractionLimits | undefined
}

/**
 * Makes a new archive of files and folders. It appears under its name only when it is complete and on the disk.
 * `some/folder` becomes the entry `folder` with all below it; `.`, `..` and what ends so gives its contents to the top level.
 * @throws LmzError `Collision` if something is there already, `NotFound` for a path that does not exist, `Busy`, `NoSpace`,
 *   `Io`, `Usage`, `Cancelled`
 */
export function createArchive(
  archive: string,
  paths: readonly string[],
  options: CreateOptions = {},
): Promise<PackReport> {
  return run<'create'>('create', { archive, paths }, options)
}

/**
 * Tells what {@link createArchive} would give with a preset, or with each: counts the files, packs a sample of them in memory, and
 * projects size and time. Takes about two seconds a preset, and writes nothing.
 * @throws LmzError `NotFound` for a path that does not exist, `Collision` if something is at `archive`, `Io`, `Usage`, `Cancelled`
 */
export function estimateArchive(paths: readonly string[], options: EstimateOptions = {}): Promise<EstimateReport> {
  return run<'estimate'>('estimate', { paths }, options)
}

/**
 * Adds files and folders as one change; entries of the same path get the new content.
 * @throws LmzError `NotFound`, `Busy` while another program changes the archive, `Format`, `Corrupt` for a damaged archive,
 *   `NoSpace`, `Io`, `Usage`, `Cancelled`
 */
export function addToArchive(archive: string, paths: readonly string[], options: AddOptions = {}): Promise<PackReport> {
  return run<'add'>('add', { archive, paths }, options)
}

/**
 * Removes entries and everything below them; their bytes are gone from the file too.
 * @param entries paths such as "docs/readme.md"
 * @throws LmzError as {@link addToArchive}
 */
export function removeFromArchive(
  archive: string,
  entries: readonly string[],
  options: JobOptions = {},
): Promise<PackReport> {
  return run<'remove'>('remove', { archive, entries }, options)
}

/**
 * Gives an entry another name in its folder, as one change.
 * @param entry path such as "docs/readme.md"
 * @param name one path component such as "README.md"
 * @throws LmzError as {@link addToArchive}; `UnsafePath` for what is no name, `Collision` if there is another entry of that name
 */
export function renameInArchive(
  archive: string,
  entry: string,
  name: string,
  options: JobOptions = {},
): Promise<PackReport> {
  return run<'rename'>('rename', { archive, entry, name }, options)
}

/** Rewrites an archive without what earlier changes left behind. @throws LmzError as {@link addToArchive} */
export function compactArchive(archive: string, options: JobOptions = {}): Promise<PackReport> {
  return run<'compact'>('compact', { archive }, options)
}

/**
 * Takes entries out of an archive; no entries means all of them. Only the blocks that hold them are read, and the files
 * appear together at the end.
 * @throws LmzError `NotFound` for an entry that is not there, `NoSpace` before anything is written, `Format`, `Corrupt`, `Io`,
 *   `Usage`, `Cancelled`
 */
export function extractArchive(
  archive: string,
  entries: readonly string[],
  destination: string,
  options: ExtractOptions = {},
): Promise<ExtractReport> {
  return run<'extract'>('extract', { archive, entries, destination, overwrite: 'ask', smart: true }, options)
}

/** Reads and checks every byte. Files that cannot be extracted are in `problems`. @throws LmzError `Format`, `Corrupt`, `Io`, `Cancelled` */
export function verifyArchive(archive: string, options: JobOptions = {}): Promise<VerifyReport> {
  return run<'verify'>('verify', { archive }, options)
}

/**
 * Copies what is whole in a damaged archive to a new one; the damaged one is only read.
 * @throws LmzError `Collision` if something is at the target, `Format` if it is no archive, `Corrupt` if nothing could be saved,
 *   `NoSpace`, `Io`, `Cancelled`
 */
export function salvageArchive(damaged: string, target: string, options: JobOptions = {}): Promise<SalvageReport> {
  return run<'salvage'>('salvage', { archive: damaged, target }, options)
}

/**
 * Makes an archive repairable when it is damaged, by parity behind its end; later changes keep it so.
 * @throws LmzError as {@link addToArchive}
 */
export function protectArchive(archive: string, options: ProtectOptions = {}): Promise<PackReport> {
  return run<'protect'>('protect', { archive }, options)
}

/**
 * Writes a whole copy of a damaged archive that is protected; the damaged one is only read. Files that are lost for good are in
 * `problems`.
 * @throws LmzError `Collision` if something is at the target, `Usage` for an archive that is not protected, `Format`, `Corrupt` if no list
 *   of files can be had, `NoSpace`, `Io`, `Cancelled`
 */
export function repairArchive(damaged: string, target: string, options: JobOptions = {}): Promise<RepairReport> {
  return run<'repair'>('repair', { archive: damaged, target }, options)
}

/**
 * Changes the password that an encrypted archive is opened with, adds another, or removes the one that is given. What the archive holds
 * is not touched; earlier states in the file still open with an old password, until {@link compactArchive}.
 * @throws LmzError `Auth` if `password` is missing or wrong, otherwise as {@link addToArchive}; `Limit` for more than eight passwords
 */
export function changePasswords(
  archive: string,
  change: PasswordChange,
  options: JobOptions & { readonly newPassword?: string } = {},
): Promise<PasswordReport> {
  const { newPassword, ...job } = options
  return run<'password'>('password', { archive, change }, job, { newPassword })
}

/** Options of the job itself are set apart from those of its work; JavaScript callers may have given anything. */
function run<Verb extends JobVerb>(
  verb: Verb,
  input: object,
  { signal, onProgress, onProblem, ask, pause, password, askPassword, allowCostlyPassword, ...settings }: JobOptions,
  secrets: Pick<RunOptions, 'newPassword'> = {},
): Promise<ReportOf[Verb]> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  const request = checkedRequest({ verb, ...input, ...Object.fromEntries(given) }) as JobRequestOf<Verb>
  const passwords = { password, askPassword, allowCostlyPassword, ...secrets }
  return runJob<Verb>(request, { signal, onProgress, onProblem, ask, pause, ...passwords })
}
