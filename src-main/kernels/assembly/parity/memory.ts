/** The map of this module's fixed memory; page 0 is left to the compiler's own static data. */

/** u16 [level][bit]: the normalised subspace polynomial of a level at the element with that one bit. */
export const SUBSPACES: usize = 65536
export const LEVELS: usize = 16
export const FREE: usize = SUBSPACES + LEVELS * 16 * 2 + 512

memory.grow((((FREE + 65535) / 65536) as i32) - memory.size())
