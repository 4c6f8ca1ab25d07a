/**
 * A string whose order, by code units, is the one people expect of names: numbers within them by value, letters whatever their
 * case or composition. The same in every language, so that a list never depends on the machine it is shown on.
 *
 * A number becomes "0", its count of digits as one code unit, and the digits: it stands where digits stand, and a longer one
 * behind a shorter one.
 */
export function naturalKey(name: string): string {
  const folded = foldName(name)
  return digits.test(folded) ? folded.replace(numbers, numberKey) : folded
}

/** A name without what a search should not mind: letter case and Unicode composition. */
export function foldName(name: string): string {
  // eslint-disable-next-line no-control-regex -- all of ASCII
  return /^[\x00-\x7f]*$/.test(name) ? name.toLowerCase() : name.normalize('NFC').toLowerCase()
}

const digits = /[0-9]/
const numbers = /0*([0-9]+)/g

function numberKey(_: string, value: string): string {
  return `0${String.fromCharCode(value.length)}${value}`
}
