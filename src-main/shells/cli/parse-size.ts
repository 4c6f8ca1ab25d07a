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
