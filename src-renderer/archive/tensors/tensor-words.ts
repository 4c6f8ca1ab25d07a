import { largestMatrixSide, mostMatrixElements, type TensorRow } from '../../../src-main/contract/tensor'
import { t } from '../../i18n/text.svelte'

/** "768 × 3072" */
export function shapeText({ shape }: TensorRow): string {
  return shape.length === 0 ? t('insight:tensors.scalar') : shape.map((side) => `${side}`).join(' × ')
}

/** A tensor as a matrix of its first dimension by all others; undefined for what is none, or too large for its rank to be computed. */
export function matrixOf({ shape }: TensorRow): { readonly rows: number; readonly columns: number } | undefined {
  const [rows = 1, ...others] = shape
  const columns = others.reduce((product, side) => product * side, 1)
  const isMatrix = shape.length >= 2 && Math.min(rows, columns) >= 2
  const isSmall = Math.min(rows, columns) <= largestMatrixSide && rows * columns <= mostMatrixElements
  return isMatrix && isSmall ? { rows, columns } : undefined
}
