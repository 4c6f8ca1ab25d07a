import { maximumBlockSize, minimumBlockSize } from '../../src-main/contract/preset'

/** From the largest, which makes the smallest archive, to the smallest, from which single files come fastest: powers of two. */
export const blockSizes: readonly number[] = Array.from(
  { length: Math.log2(maximumBlockSize / minimumBlockSize) + 1 },
  (_, step) => maximumBlockSize / 2 ** step,
)

/** The step nearest to a size that may be no power of two. */
export function blockSizeStep(bytes: number): number {
  const step = Math.round(Math.log2(maximumBlockSize / bytes))
  return Math.min(blockSizes.length - 1, Math.max(0, step))
}
