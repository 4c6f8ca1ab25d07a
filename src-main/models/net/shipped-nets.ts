import type { ShippedNet } from './net-shelf'

/** By the numbers that archives know them by; number n is the folder native-models/byte-n. */
export const shippedNets: ReadonlyMap<number, ShippedNet> = new Map([
  [1, { id: 'byte-1', hash: 'd01936f03b87ed1d7f410d450365b4fa8ad38de7e8a6f2ad768296bbde2c836c' }],
])

/** What new blocks are coded with. */
export const currentNet = 1
