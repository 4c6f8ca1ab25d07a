/*
 * Bits a byte as a colour, between the nine stops of the scale in tokens.css (viridis: even to the eye, in order for the colour-blind and in
 * grey). Dark is well compressed, bright is not; the scale ends at 8 bits, where nothing is saved.
 */

const mostBits = 8

/** A CSS colour. */
export function bitsColour(bits: number): string {
  const place = Math.min(Math.max(bits, 0), mostBits)
  const lower = Math.min(Math.floor(place), mostBits - 1)
  const part = Math.round((place - lower) * 100)
  return `color-mix(in srgb, var(--bits-${lower + 1}) ${part}%, var(--bits-${lower}))`
}

/** The CSS colour of text on that colour. */
export function inkOn(bits: number): string {
  return bits < 3.5 ? 'var(--on-bits-low)' : 'var(--on-bits-high)'
}

/** The scale as a CSS gradient, for a legend. */
export function bitsGradient(): string {
  const stops = Array.from({ length: mostBits + 1 }, (_, bits) => `var(--bits-${bits})`)
  return `linear-gradient(to right, ${stops.join(', ')})`
}
