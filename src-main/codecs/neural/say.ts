import { type MixKernel, startMixKernel } from '../../kernels/mix-kernel'
import type { NetLanes } from '../../models/net/lanes'

/** What a net says of the bits of a text that is known: 8 i16 a byte, the logit of a one in 1/256. */
export type Said = Int16Array

/** The smallest table there is: nothing is coded here. */
const leastTableBits = 6

/**
 * What a net says of several texts, which it reads at once, a byte of each at a time: so a device that is quick with much and slow with
 * little does the larger part of coding many blocks. Texts may differ in length.
 * @param texts at most as many as the net has lanes
 */
export async function sayTogether(net: NetLanes, texts: readonly Uint8Array[]): Promise<Said[]> {
  if (texts.length > net.lanes) throw new RangeError(`a net of ${net.lanes} lanes cannot read ${texts.length} texts`)
  const kernel = startMixKernel(leastTableBits)
  const said = texts.map((text) => new Int16Array(text.length * 8))
  const bytes = new Uint8Array(net.lanes)
  const end = Math.max(0, ...texts.map(({ length }) => length))
  await net.start()
  for (let at = 0; at < end; at++) {
    for (const [lane, text] of texts.entries()) {
      const byte = text[at]
      bytes[lane] = byte ?? 0
      if (byte !== undefined)
        said[lane]?.set(bitsOf(kernel, net.logits.subarray(lane * 256, (lane + 1) * 256), byte), at * 8)
    }
    if (at + 1 < end) await net.step(bytes)
  }
  return said
}

function bitsOf({ memory, bytes, logits, said, say }: MixKernel, logitsOfByte: Int16Array, byte: number): Int16Array {
  new Int16Array(memory.buffer, logits, 256).set(logitsOfByte)
  memory[bytes] = byte
  say(0, 1, 0)
  return new Int16Array(memory.buffer, said, 8)
}
