import type { ByteForecast } from '../../contract/insight'

/**
 * The likeliest bytes of all.
 * @param chances of all 256
 */
export function forecastOf(
  chances: Float64Array,
  { offset, actual, most }: { readonly offset: number; readonly actual: number; readonly most: number },
): ByteForecast {
  const all = Array.from(chances, (probability, byte) => ({ byte, probability }))
  const likeliest = all
    .sort((one, other) => other.probability - one.probability || one.byte - other.byte)
    .slice(0, most)
  return { offset, actual, probability: chances[actual] ?? 0, likeliest, entropyBits: entropyOf(chances) }
}

/** Shannon entropy in bits. */
function entropyOf(chances: Float64Array): number {
  return chances.reduce((sum, chance) => (chance > 0 ? sum - chance * Math.log2(chance) : sum), 0)
}
