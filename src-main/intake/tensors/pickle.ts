import { PickleBytes } from './pickle-bytes'
import { NotTensors } from './reading'

/** What a pickle describes, without being made: names of classes are names, and nothing is called. */
export type Pickled = string | number | boolean | undefined | PickledNode

export type PickledNode =
  | { readonly kind: 'global'; readonly name: string }
  | { readonly kind: 'list'; readonly items: Pickled[] }
  | { readonly kind: 'dictionary'; readonly pairs: (readonly [Pickled, Pickled])[] }
  /** What calling something with arguments would give, and what would be put into it. */
  | {
      readonly kind: 'call'
      readonly callee: Pickled
      readonly argument: Pickled
      readonly pairs: (readonly [Pickled, Pickled])[]
    }
  /** Something that lies outside of the pickle, as storages do. */
  | { readonly kind: 'outside'; readonly id: Pickled }
  | { readonly kind: 'other' }

/** Instructions of a pickle that are followed, at most: some fifty describe one tensor. */
const mostSteps = 20_000_000
/** Values that are kept, at most. */
const mostValues = 4_000_000

const mark = Symbol('mark')

/**
 * Reads what a pickle of protocol 2 to 5 describes (CPython's Lib/pickletools.py has the instructions), of those instructions alone that
 * torch.save and its like write. Nothing is executed, imported or called: that would be to run whatever a stranger has written.
 * @throws NotTensors for any other instruction, and for a pickle that makes no sense
 */
export function readPickle(bytes: Uint8Array): Pickled {
  const reader = new PickleReader(bytes)
  return reader.read()
}

class PickleReader {
  readonly #bytes: PickleBytes
  #stack: (Pickled | typeof mark)[] = []
  readonly #memo = new Map<number, Pickled>()
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = new PickleBytes(bytes)
  }

  read(): Pickled {
    for (let step = 0; step < mostSteps; step++) {
      const code = this.#bytes.u8()
      if (code === 0x2e) return this.#pop()
      this.#follow(code)
    }
    throw new NotTensors('a pickle without end')
  }

  #follow(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        this.#bytes.take(1)
        return
      case 0x95: // FRAME
        this.#bytes.take(8)
        return
      case 0x28: // MARK
        this.#stack.push(mark)
        return
      case 0x30: // POP
        this.#stack.pop()
        return
      case 0x4e: {
        // NONE
        this.#push(undefined)
        return
      }
      case 0x88: {
        // NEWTRUE
        this.#push(true)
        return
      }
      case 0x89: {
        // NEWFALSE
        this.#push(false)
        return
      }
      case 0x4b: {
        // BININT1
        this.#push(this.#bytes.u8())
        return
      }
      case 0x4d: {
        // BININT2
        this.#push(this.#bytes.u16())
        return
      }
      case 0x4a: {
        // BININT
        this.#push(this.#bytes.i32())
        return
      }
      case 0x8a: {
        // LONG1
        this.#push(this.#bytes.long(this.#bytes.u8()) ?? { kind: 'other' })
        return
      }
      case 0x47: {
        // BINFLOAT
        this.#push(this.#bytes.f64())
        return
      }
      case 0x58: {
        // BINUNICODE
        this.#push(this.#bytes.text(this.#bytes.u32()))
        return
      }
      case 0x8c: {
        // SHORT_BINUNICODE
        this.#push(this.#bytes.text(this.#bytes.u8()))
        return
      }
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        this.#bytes.take(this.#bytes.u8())
        {
          this.#push({ kind: 'other' })
          return
        }
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        this.#bytes.take(this.#bytes.u32())
        {
          this.#push({ kind: 'other' })
          return
        }
      case 0x7d: {
        // EMPTY_DICT
        this.#push({ kind: 'dictionary', pairs: [] })
        return
      }
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
      case 0x8f: {
        // EMPTY_SET
        this.#push({ kind: 'list', items: [] })
        return
      }
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: {
        // TUPLE3
        this.#push({ kind: 'list', items: this.#popMany(code - 0x84) })
        return
      }
      case 0x74: {
        // TUPLE
        this.#push({ kind: 'list', items: this.#popToMark() })
        return
      }
      case 0x61: {
        // APPEND
        this.#append([this.#pop()])
        return
      }
      case 0x65: // APPENDS
      case 0x90: {
        // ADDITEMS
        this.#append(this.#popToMark())
        return
      }
      case 0x73: {
        // SETITEM
        this.#setItems(this.#popMany(2))
        return
      }
      case 0x75: {
        // SETITEMS
        this.#setItems(this.#popToMark())
        return
      }
      case 0x71: {
        // BINPUT
        this.#remember(this.#bytes.u8())
        return
      }
      case 0x72: {
        // LONG_BINPUT
        this.#remember(this.#bytes.u32())
        return
      }
      case 0x94: {
        // MEMOIZE
        this.#remember(this.#memo.size)
        return
      }
      case 0x68: {
        // BINGET
        this.#recall(this.#bytes.u8())
        return
      }
      case 0x6a: {
        // LONG_BINGET
        this.#recall(this.#bytes.u32())
        return
      }
      case 0x63: {
        // GLOBAL
        this.#push({ kind: 'global', name: `${this.#bytes.line()} ${this.#bytes.line()}` })
        return
      }
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popMany(2)
        if (typeof module !== 'string' || typeof name !== 'string') throw new NotTensors('a pickle that makes no sense')
        this.#push({ kind: 'global', name: `${module} ${name}` })
        return
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee, argument] = this.#popMany(2)
        this.#push({ kind: 'call', callee, argument, pairs: [] })
        return
      }
      case 0x62: {
        // BUILD: the state of an object, which holds tensors where it is a dictionary
        this.#build(this.#pop())
        return
      }
      case 0x51: {
        // BINPERSID
        this.#push({ kind: 'outside', id: this.#pop() })
        return
      }
      default:
        throw new NotTensors(`instruction ${code} of a pickle`)
    }
  }

  #push(value: Pickled): void {
    if (++this.#values > mostValues) throw new NotTensors('a pickle with too many values')
    this.#stack.push(value)
  }

  #pop(): Pickled {
    const value = this.#stack.length === 0 ? mark : this.#stack.pop()
    if (value === mark) throw new NotTensors('a pickle that makes no sense')
    return value
  }

  #popMany(count: number): Pickled[] {
    return Array.from({ length: count }, () => this.#pop()).reverse()
  }

  #popToMark(): Pickled[] {
    const at = this.#stack.lastIndexOf(mark)
    if (at === -1) throw new NotTensors('a pickle that makes no sense')
    return this.#stack.splice(at).slice(1) as Pickled[]
  }

  #top(): PickledNode {
    const top = this.#stack.at(-1)
    if (typeof top !== 'object') throw new NotTensors('a pickle that makes no sense')
    return top
  }

  #append(items: readonly Pickled[]): void {
    const top = this.#top()
    if (top.kind === 'list') for (const item of items) top.items.push(item)
    else if (top.kind !== 'call') throw new NotTensors('a pickle that makes no sense')
  }

  #setItems(items: readonly Pickled[]): void {
    const top = this.#top()
    if ((top.kind !== 'dictionary' && top.kind !== 'call') || items.length % 2 !== 0) {
      throw new NotTensors('a pickle that makes no sense')
    }
    for (let at = 0; at < items.length; at += 2) top.pairs.push([items[at], items[at + 1]])
  }

  #build(state: Pickled): void {
    const top = this.#top()
    if (top.kind !== 'call' || typeof state !== 'object' || state.kind !== 'dictionary') return
    this.#values += state.pairs.length
    if (this.#values > mostValues) throw new NotTensors('a pickle with too many values')
    for (const pair of [...state.pairs]) top.pairs.push(pair)
  }

  #remember(key: number): void {
    const top = this.#stack.at(-1)
    if (top === mark || this.#stack.length === 0) throw new NotTensors('a pickle that makes no sense')
    this.#memo.set(key, top)
  }

  #recall(key: number): void {
    if (!this.#memo.has(key)) throw new NotTensors('a pickle that makes no sense')
    this.#push(this.#memo.get(key))
  }
}
