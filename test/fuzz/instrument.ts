import { relative, resolve } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Puts a counter into every branch of lmz's own code, so that a fuzzer sees which inputs lead where none has led before (the idea of
 * AFL, https://lcamtuf.coredump.cx/afl/technical_details.txt). Counters are bytes of `globalThis.lmzCoverage`, which coverage.ts makes.
 * Only under test/fuzz/vitest.config.ts: no build and no other test contains them.
 */
export function instrument(): Plugin {
  const root = resolve(import.meta.dirname, '../..')
  let next = 0
  return {
    name: 'lmz-coverage',
    enforce: 'post',
    transform(code, id) {
      const file = relative(root, id.split('?')[0] ?? id)
      if (!/^src-main\/.*\.ts$/.test(file) || file.includes('/generated/')) return undefined
      const first = next
      const program = this.parse(code) as unknown as Node
      const insertions = new Insertions(() => `globalThis.lmzCoverage[${next++}]++`)
      visit(program, insertions)
      const said = `globalThis.lmzModules.push([${JSON.stringify(file)}, ${first}, ${next}]);`
      return { code: said + insertions.into(code), map: null }
    },
  }
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Texts to put between the characters of a module. */
class Insertions {
  readonly #mark: () => string
  readonly #openers = new Map<number, string>()
  readonly #closers = new Map<number, string>()

  constructor(mark: () => string) {
    this.#mark = mark
  }

  statementAt(position: number): void {
    this.#open(position, `${this.#mark()};`)
  }

  /** Statement or expression; what is inside must be visited between the two calls. */
  wrap({ start, end }: Node, isStatement: boolean, visitInside: () => void): void {
    this.#open(start, isStatement ? `{${this.#mark()};` : `(${this.#mark()},`)
    visitInside()
    this.#closers.set(end, (this.#closers.get(end) ?? '') + (isStatement ? '}' : ')'))
  }

  into(code: string): string {
    let result = ''
    let from = 0
    const places = [...new Set([...this.#openers.keys(), ...this.#closers.keys()])].sort((one, other) => one - other)
    for (const place of places) {
      result += code.slice(from, place) + (this.#closers.get(place) ?? '') + (this.#openers.get(place) ?? '')
      from = place
    }
    return result + code.slice(from)
  }

  #open(position: number, text: string): void {
    this.#openers.set(position, (this.#openers.get(position) ?? '') + text)
  }
}

/** By the type of a node: which of its fields are branches, if they are no blocks; blocks are marked by themselves. */
const branches: Readonly<Record<string, readonly string[]>> = {
  IfStatement: ['consequent', 'alternate'],
  ForStatement: ['body'],
  ForInStatement: ['body'],
  ForOfStatement: ['body'],
  WhileStatement: ['body'],
  ConditionalExpression: ['consequent', 'alternate'],
  LogicalExpression: ['right'],
  ArrowFunctionExpression: ['body'],
}

function visit(node: Node, insertions: Insertions): void {
  if (node.type === 'BlockStatement') insertions.statementAt(node.start + 1)
  if (node.type === 'SwitchCase') {
    const [first] = node['consequent'] as readonly Node[]
    if (first !== undefined) insertions.statementAt(first.start)
  }
  const own = branches[node.type] ?? []
  for (const [field, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (!isNode(child)) continue
      const isBranch = own.includes(field) && child.type !== 'BlockStatement'
      if (!isBranch) visit(child, insertions)
      else insertions.wrap(child, node.type.endsWith('Statement'), () => visit(child, insertions))
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === 'string' && typeof (value as Node).start === 'number'
}
