import { foldedName } from './type-ahead-text'
import type { RowList } from './row-list.svelte'
import { type Selection, selectAll, toggleRow } from './selection'

/** What a key asks of a list. */
export type ListKey =
  | { readonly do: 'move'; readonly row: number; readonly keepSelected: boolean }
  | { readonly do: 'select'; readonly selection: Selection }
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'open' | 'preview' }

/**
 * What a key means in a list, as file managers have it.
 * @param page rows of PageUp and PageDown
 * @param isTyping whether a name is being typed, so that Space is part of it
 */
export function listKey(event: KeyboardEvent, list: RowList, page: number, isTyping: boolean): ListKey | undefined {
  const isCommand = event.ctrlKey || event.metaKey
  if (event.altKey) return undefined
  // Where nothing is selected yet, the first arrow selects what the keyboard is at.
  const isFresh = list.selection.ranges.length === 0 && !isCommand
  const { lead } = list.selection
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: isFresh ? Math.max(0, lead) : lead + 1,
    ArrowUp: lead < 0 ? list.total - 1 : isFresh ? lead : lead - 1,
    PageDown: lead + page,
    PageUp: lead - page,
    Home: 0,
    End: list.total - 1,
  }
  const row = moves[event.key]
  if (row !== undefined) return { do: 'move', row, keepSelected: isCommand && !event.shiftKey }
  if (isCommand && event.key.toLowerCase() === 'a')
    return { do: 'select', selection: selectAll(list.selection, list.total) }
  if (event.key === ' ' && isCommand && lead >= 0) return { do: 'select', selection: toggleRow(list.selection, lead) }
  if (isCommand) return undefined
  if (event.key === 'Enter') return { do: 'open' }
  if (event.key === ' ' && !isTyping) return { do: 'preview' }
  // "/" goes to the search, "?" shows the keys.
  if (event.key.length === 1 && event.key !== '/' && event.key !== '?') return { do: 'type', text: event.key }
  return undefined
}

/** Milliseconds between two letters of one name. */
const pause = 900

/** Finds the row whose name starts with what is typed. */
export class TypeAhead {
  #text = ''
  #typedAt = -Infinity
  #turn = 0

  get isTyping(): boolean {
    return this.#text !== '' && performance.now() - this.#typedAt < pause
  }

  /** @returns -1 if there is none, or more was typed meanwhile */
  async type(letter: string, list: RowList): Promise<number> {
    const isFirst = !this.isTyping
    this.#text = foldedName((isFirst ? '' : this.#text) + letter)
    this.#typedAt = performance.now()
    const turn = ++this.#turn
    const text = this.#text
    // The same letter again and again goes from one name to the next.
    const isRepeated = text.length > 1 && text === text.charAt(0).repeat(text.length)
    const wanted = isRepeated ? text.slice(0, 1) : text
    const from = Math.max(0, list.selection.lead) + (isFirst || isRepeated ? 1 : 0)
    const row = await list.indexOf(({ name }) => foldedName(name).startsWith(wanted), from).catch(() => -1)
    return turn === this.#turn ? row : -1
  }
}
