/*
 * Characters that change how a line of text or a terminal looks without being seen themselves:
 * C0 and C1 controls with DEL, marks and overrides of the writing direction (Unicode TR 9),
 * line and paragraph separators, and halves of surrogate pairs.
 */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const unsafeToShow = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu

const shortForms: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Makes a name or path from an archive harmless in a list, a title or a terminal: what would move the cursor, start an
 * escape sequence or turn the reading direction is shown as `\n`, `\x1b` or `\u202e`. Everything else stays as it is.
 */
export function escapeForDisplay(name: string): string {
  return name.replace(unsafeToShow, (character) => {
    const code = character.charCodeAt(0)
    const hexadecimal = code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
    return shortForms[character] ?? hexadecimal
  })
}
