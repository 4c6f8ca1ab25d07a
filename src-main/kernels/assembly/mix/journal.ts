/** Remembers stretches of memory that are about to change, to put them back, the last one first. */

/** u32 the address, then 16 bytes that stood there. */
const ENTRY: usize = 32

let end: usize = 0

export function startJournal(at: usize): void {
  end = at
}

/** Keeps 16 bytes. @returns what to restore to, so that these and all that are kept later are as they are now */
export function keep(address: usize): usize {
  const mark = end
  store<u32>(end, address as u32)
  v128.store(end, v128.load(address), 16)
  end += ENTRY
  return mark
}

export function restoreTo(mark: usize): void {
  while (end > mark) {
    end -= ENTRY
    v128.store(load<u32>(end) as usize, v128.load(end, 16))
  }
}
