import { protectionLevels } from '../../contract/protection'

/**
 * `--protect` with nothing or something else behind it means its usual level. An option with an optional value would take the name of the
 * archive for it.
 */
export function withLevels(parameters: readonly string[]): string[] {
  const namesFrom = parameters.indexOf('--')
  const isOption = (at: number): boolean => namesFrom < 0 || at < namesFrom
  const levels: readonly (string | undefined)[] = protectionLevels
  return parameters.map((parameter, at) =>
    parameter === '--protect' && isOption(at) && !levels.includes(parameters[at + 1]) ? '--protect=normal' : parameter,
  )
}
