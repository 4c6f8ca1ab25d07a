import type { ChoiceKind } from '../../src-main/contract/shell-api'

export interface PickRequest {
  readonly kind: ChoiceKind
  readonly suggestion: string | undefined
  readonly settle: (paths: readonly string[]) => void
}

/** The window's own dialog for choosing paths, as far as others need to know it. */
class Picker {
  request = $state.raw<PickRequest | undefined>()

  /** Shows the dialog. @returns nothing when it is cancelled */
  choose(kind: ChoiceKind, suggestion?: string): Promise<readonly string[]> {
    this.request?.settle([])
    return new Promise((resolve) => {
      this.request = {
        kind,
        suggestion,
        settle: (paths) => {
          this.request = undefined
          resolve(paths)
        },
      }
    })
  }
}

export const picker = new Picker()
