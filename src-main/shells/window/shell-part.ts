import type { ShellApi, ShellKind } from '../../contract/shell-api'

/** What a shell sees to by itself, for one of its windows; the rest of ShellApi is the same in all (window-shell.ts). */
export interface ShellPart extends Pick<
  ShellApi,
  'choose' | 'reveal' | 'openEntry' | 'entryUrl' | 'dragOut' | 'newUpload' | 'openWindow' | 'closeWindow' | 'showing'
> {
  readonly kind: ShellKind
}
