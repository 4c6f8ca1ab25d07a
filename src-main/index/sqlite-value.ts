/** Integers come as bigint and reals as number, so that one cannot pass for the other. */
export type Value = bigint | number | string | Buffer | null
export type Row = readonly Value[]
/** A row in which integers and reals alike came as numbers. */
export type NumberRow = readonly (number | string | Buffer | null)[]
export type Parameter = bigint | number | string

/** An id, size or count in a {@link NumberRow}. Integers over 2^53 arrive as some number over 2^53, so none of them passes. */
export function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
