/** A net that reads several texts at once, a byte of each at a time. Every implementation gives the same whole numbers. */
export interface NetLanes {
  readonly lanes: number
  /** i16, 256 a lane: what it says of the next byte of each text, in 1/64 bit. Changes with each step. */
  readonly logits: Int16Array
  /** Goes to the start of all texts. */
  start(): Promise<void>
  /** Takes in a byte of each text. */
  step(bytes: Uint8Array): Promise<void>
}
