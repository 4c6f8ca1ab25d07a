import { NotTensors, utf8 } from './reading'

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
  readonly #bytes: Buffer
  #at = 0
  #stack: (Pickled | typeof mark)[] = []
  readonly #memo = new Map<number, Pickled>()
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  read(): Pickled {
    for (let step = 0; step < mostSteps; step++) {
      const code = this.#u8()
      if (code === 0x2e) return this.#pop()
      this.#follow(code)
    }
    throw new NotTensors('a pickle without end')
  }

  #follow(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        this.#take(1)
        return
      case 0x95: // FRAME
        this.#take(8)
        return
      case 0x28: // MARK
        this.#stack.push(mark)
        return
      case 0x30: // POP
        this.#stack.pop()
        return
      case 0x4e: // NONE
        return this.#push(undefined)
      case 0x88: // NEWTRUE
        return this.#push(true)
      case 0x89: // NEWFALSE
        return this.#push(false)
      case 0x4b: // BININT1
        return this.#push(this.#u8())
      case 0x4d: // BININT2
        return this.#push(this.#bytes.readUInt16LE(this.#take(2)))
      case 0x4a: // BININT
        return this.#push(this.#bytes.readInt32LE(this.#take(4)))
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#u8()))
      case 0x47: // BINFLOAT
        return this.#push(this.#bytes.readDoubleBE(this.#take(8)))
      case 0x58: // BINUNICODE
        return this.#push(this.#text(this.#u32()))
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#text(this.#u8()))
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        this.#take(this.#u8())
        return this.#push({ kind: 'other' })
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        this.#take(this.#u32())
        return this.#push({ kind: 'other' })
      case 0x7d: // EMPTY_DICT
        return this.#push({ kind: 'dictionary', pairs: [] })
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
      case 0x8f: // EMPTY_SET
        return this.#push({ kind: 'list', items: [] })
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#push({ kind: 'list', items: this.#popMany(code - 0x84) })
      case 0x74: // TUPLE
        return this.#push({ kind: 'list', items: this.#popToMark() })
      case 0x61: // APPEND
        return this.#append([this.#pop()])
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        return this.#append(this.#popToMark())
      case 0x73: // SETITEM
        return this.#setItems(this.#popMany(2))
      case 0x75: // SETITEMS
        return this.#setItems(this.#popToMark())
      case 0x71: // BINPUT
        return this.#remember(this.#u8())
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#u32())
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size)
      case 0x68: // BINGET
        return this.#recall(this.#u8())
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#u32())
      case 0x63: // GLOBAL
        return this.#push({ kind: 'global', name: `${this.#line()} ${this.#line()}` })
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popMany(2)
        return this.#push({ kind: 'global', name: `${String(module)} ${String(name)}` })
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee, argument] = this.#popMany(2)
        return this.#push({ kind: 'call', callee, argument, pairs: [] })
      }
      case 0x62: // BUILD: the state of an object, which holds tensors where it is a dictionary
        return this.#build(this.#pop())
      case 0x51: // BINPERSID
        return this.#push({ kind: 'outside', id: this.#pop() })
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

  /** A little-endian number of so many bytes; one that is negative or too large stands for nothing. */
  #long(length: number): Pickled {
    const at = this.#take(length)
    if (length > 7) return { kind: 'other' }
    if (length === 0) return 0
    const number = length > 6 ? NaN : this.#bytes.readUIntLE(at, length)
    return Number.isSafeInteger(number) ? number : { kind: 'other' }
  }

  #u8(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  #u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  #text(length: number): string {
    const at = this.#take(length)
    return utf8(this.#bytes.subarray(at, at + length))
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end === -1 || end - this.#at > 1024) throw new NotTensors('a pickle that makes no sense')
    const text = this.#bytes.toString('latin1', this.#at, end)
    this.#at = end + 1
    return text
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.#bytes.length - at) throw new NotTensors('a pickle that ends early')
    this.#at += length
    return at
  }
}
