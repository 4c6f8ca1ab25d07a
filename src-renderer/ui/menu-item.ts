import type { IconName } from './icon-paths'

/** One line of a menu. */
export interface MenuItem {
  readonly label: string
  readonly icon?: IconName | undefined
  /** "Ctrl+E"; the menu does not listen for it. */
  readonly keys?: string | undefined
  readonly isDisabled?: boolean | undefined
  readonly isDanger?: boolean | undefined
  /** For a line that can be on or off. */
  readonly isChecked?: boolean | undefined
  readonly onselect: () => void
}

export type MenuLine = MenuItem | 'separator'
