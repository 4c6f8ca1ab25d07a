import { LmzError } from '../../contract/error'
import type { Codec } from '../codec'

/** Plain bytes, for data that no model shortens. */
export const store: Codec = {
  number: 0,
  name: 'store',
  encode: (raw) => Promise.resolve(raw),
  decode(stored, rawLength) {
    if (stored.length !== rawLength) {
      throw new LmzError('Corrupt', `A stored block has ${stored.length} bytes where ${rawLength} were declared.`)
    }
    return stored
  },
}
