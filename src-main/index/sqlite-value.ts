/** Integers come as bigint and reals as number, so that one cannot pass for the other. */
export type Value = bigint | number | string | Buffer | null
export type Row = readonly Value[]
export type Parameter = bigint | number | string
