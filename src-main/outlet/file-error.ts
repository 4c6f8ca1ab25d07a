import { escapeForDisplay } from '../contract/display-name'
import { LmzError, toLmzError } from '../contract/error'

/** The system's own name of a failure ("ENOSPC"), or "" for anything else that was thrown. */
export function systemCode(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException | undefined)?.code ?? ''
}

/**
 * An {@link LmzError} about something being created. A missing parent is the outlet's own staging gone, not a file the
 * user asked for, and a name the system finds too long is a limit.
 *
 * @param verb start of the sentence, such as "Cannot write"
 * @param path the entry's path in the archive
 */
export function creationError(thrown: unknown, verb: string, path: string): LmzError {
  if (thrown instanceof LmzError) return thrown
  const shown = escapeForDisplay(path)
  switch (systemCode(thrown)) {
    case 'ENAMETOOLONG':
      return new LmzError('Limit', `${verb} ${shown}: its path is too long for this system.`, {
        subject: path,
        cause: thrown,
      })
    case 'ENOENT':
      return new LmzError('Io', `${verb} ${shown}: its temporary place is gone.`, { subject: path, cause: thrown })
    case 'ELOOP':
    case 'EISDIR':
    case 'ENOTDIR':
    case 'ENOTEMPTY':
      return new LmzError('Collision', `${verb} ${shown}: something else stands in its place.`, {
        subject: path,
        cause: thrown,
      })
    default:
      return toLmzError(thrown, `${verb} ${shown}`, path)
  }
}
