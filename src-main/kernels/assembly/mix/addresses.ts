/** Where the parts of mix's memory stand, for those who put a state together: the same in every kernel that has one. */
import { APM1, BYTES, BYTES_LIMIT, LOGIT_LIMIT, SEEN, SQUASH, STATE, STATE_END, STORED, STORED_LIMIT, TABLE } from './memory'

export const bytes: usize = BYTES
export const bytesLimit: usize = BYTES_LIMIT
export const stored: usize = STORED
export const storedLimit: usize = STORED_LIMIT
export const state: usize = STATE
export const stateEnd: usize = STATE_END
/** The estimators are the last part of the state. */
export const estimators: usize = APM1
export const squash: usize = SQUASH
export const logitLimit: i32 = LOGIT_LIMIT
export const seen: usize = SEEN
export const table: usize = TABLE
