/** A short message that goes away by itself; nothing that must be read or answered. */
export interface ToastMessage {
  readonly id: number
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void } | undefined
}

const shownMs = 6000

class Toasts {
  list = $state.raw<readonly ToastMessage[]>([])
  #nextId = 1

  show(text: string, action?: ToastMessage['action']): void {
    const id = this.#nextId++
    this.list = [...this.list.slice(-2), { id, text, action }]
    setTimeout(() => this.close(id), shownMs)
  }

  close(id: number): void {
    this.list = this.list.filter((message) => message.id !== id)
  }
}

export const toasts = new Toasts()
