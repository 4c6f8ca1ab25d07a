/** Text that can be packed, but of which no two pieces are alike, so that packing takes its time: about 3 MB a second. */
export function slowText(length: number): string {
  let state = 1
  let text = ''
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    text += `${state.toString(36)} ${(state >>> 7) % 1000}\n`
  }
  return text
}
