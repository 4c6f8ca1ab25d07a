import type { Target } from '../guided'
import { float, floatModel, mix, mixKernel, store, transforms, zstd } from './codecs'
import { archive, footer, frameHeader, header } from './container'
import { delta } from './delta'
import { encryptedRepair } from './encrypted-repair'
import { keySlots, sealed, unlocking } from './encryption'
import { index, largeIndex } from './index-database'
import { net, prior, priorStreams } from './models'
import { messages, names } from './names'
import { damagedParity, hostileParity, repair } from './parity'
import { tensors } from './tensors'

/** Every parser of bytes that others have written, but for the neural codec, which needs a net in a folder. */
export const targets: readonly Target[] = [
  header,
  frameHeader,
  footer,
  archive,
  index,
  largeIndex,
  keySlots,
  unlocking,
  sealed,
  damagedParity,
  hostileParity,
  encryptedRepair,
  repair,
  store,
  zstd,
  mix,
  mixKernel,
  delta,
  float,
  floatModel,
  transforms,
  prior,
  priorStreams,
  net,
  tensors,
  names,
  messages,
]
