import { NotTensors } from './reading'

const space = /[ \t\n\r]*/y
/** RFC 8259, section 7. */
// eslint-disable-next-line no-control-regex -- which a string must not have in it
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const natural = /(?:0|[1-9]\d{0,15})(?![\d.eE])/y

/** Numbers of a list, at most. */
const mostNumbers = 64

/**
 * Reads JSON (RFC 8259) of a form that is known beforehand: the caller says what must come next. So what is not of that form is found at
 * once, however deep or long it is, and nothing is built of it.
 */
export class JsonScanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** An object; `member` is called behind each colon, and must read the value. @throws NotTensors, as all of these */
  object(member: (name: string) => void): void {
    this.#expect('{')
    if (this.#skipIf('}')) return
    do {
      const name = this.string()
      this.#expect(':')
      member(name)
    } while (this.#skipIf(','))
    this.#expect('}')
  }

  string(): string {
    const text = this.#match(string)
    return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
  }

  /** A list of whole numbers from 0 to 2^53 - 1. */
  naturals(): readonly number[] {
    const numbers: number[] = []
    this.#expect('[')
    if (this.#skipIf(']')) return numbers
    do {
      const number = Number(this.#match(natural))
      if (!Number.isSafeInteger(number) || numbers.push(number) > mostNumbers) throw new NotTensors('no such number')
    } while (this.#skipIf(','))
    this.#expect(']')
    return numbers
  }

  /** Nothing but white space is left. */
  end(): void {
    this.#pass(space)
    if (this.#at !== this.#text.length) throw new NotTensors('there is more behind the header')
  }

  #skipIf(character: string): boolean {
    this.#pass(space)
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #expect(character: string): void {
    if (!this.#skipIf(character)) throw new NotTensors(`no ${character} at ${this.#at}`)
  }

  #match(pattern: RegExp): string {
    this.#pass(space)
    const from = this.#at
    if (!this.#pass(pattern)) throw new NotTensors(`not what is expected at ${from}`)
    return this.#text.slice(from, this.#at)
  }

  #pass(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return false
    this.#at = pattern.lastIndex
    return true
  }
}
