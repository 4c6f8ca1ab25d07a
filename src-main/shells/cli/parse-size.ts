import { InvalidArgumentError } from 'commander'
import { maximumBlockSize, minimumBlockSize } from '../../contract/preset'

const factors: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2 }

/** "64KiB", "1 MiB", "4m" or plain bytes. @throws InvalidArgumentError outside of 64 KiB to 16 MiB */
export function parseBlockSize(text: string): number {
  const match = /^(\d+)\s*([km]?)(?:ib|b)?$/i.exec(text.trim())
  const bytes = Number(match?.[1]) * (factors[match?.[2]?.toLowerCase() ?? ''] ?? 1)
  if (!(bytes >= minimumBlockSize && bytes <= maximumBlockSize)) {
    throw new InvalidArgumentError('A block size is 64KiB to 16MiB.')
  }
  return bytes
}

const decimalFactors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 }
const binaryFactors: Readonly<Record<string, number>> = {
  '': 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
}

/** "500GB", "1.5 TiB", plain bytes, or "none". @throws InvalidArgumentError for anything else */
export function parseSizeLimit(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?$/i.exec(text.trim())
  const [, number = '', unit = '', binary = ''] = match ?? []
  const factors = binary === '' ? decimalFactors : binaryFactors
  return limitOf(
    text,
    match === null ? NaN : Number(number) * (factors[unit.toLowerCase()] ?? NaN),
    'a size such as 500GB',
  )
}

/** A number that may have a fraction, or "none". @throws InvalidArgumentError for anything else */
export function parseNumberLimit(text: string): number {
  return limitOf(text, /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN, 'a number')
}

function limitOf(text: string, limit: number, expected: string): number {
  if (text.trim().toLowerCase() === 'none') return Number.MAX_SAFE_INTEGER
  if (!(limit <= Number.MAX_SAFE_INTEGER)) throw new InvalidArgumentError(`A limit is ${expected}, or none.`)
  return limit
}
