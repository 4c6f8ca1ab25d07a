/** How bytes stand for numbers: `elements` of them in each `bytes` bytes; floats have exponents and mantissas. */
export interface TensorTypeFacts {
  /** 1, but for types that share a scale among several numbers. */
  readonly elements: number
  readonly bytes: number
  /** Bits of a float's fields; complex numbers have two such floats. */
  readonly float?: { readonly exponent: number; readonly mantissa: number }
}

const float16 = { exponent: 5, mantissa: 10 }
const float32 = { exponent: 8, mantissa: 23 }
const float64 = { exponent: 11, mantissa: 52 }

/**
 * Types of elements by the names that safetensors and GGUF have for them. Quantised ones (Q4_0 to MXFP4) have the block sizes of
 * ggml (ggml/src/ggml-common.h).
 */
export const tensorTypes = {
  F64: { elements: 1, bytes: 8, float: float64 },
  F32: { elements: 1, bytes: 4, float: float32 },
  F16: { elements: 1, bytes: 2, float: float16 },
  BF16: { elements: 1, bytes: 2, float: { exponent: 8, mantissa: 7 } },
  F8_E4M3: { elements: 1, bytes: 1, float: { exponent: 4, mantissa: 3 } },
  F8_E5M2: { elements: 1, bytes: 1, float: { exponent: 5, mantissa: 2 } },
  F8_E4M3FNUZ: { elements: 1, bytes: 1, float: { exponent: 4, mantissa: 3 } },
  F8_E5M2FNUZ: { elements: 1, bytes: 1, float: { exponent: 5, mantissa: 2 } },
  F8_E8M0: { elements: 1, bytes: 1 },
  F6_E2M3: { elements: 4, bytes: 3 },
  F6_E3M2: { elements: 4, bytes: 3 },
  F4: { elements: 2, bytes: 1 },
  C64: { elements: 1, bytes: 8, float: float32 },
  C128: { elements: 1, bytes: 16, float: float64 },
  I64: { elements: 1, bytes: 8 },
  I32: { elements: 1, bytes: 4 },
  I16: { elements: 1, bytes: 2 },
  I8: { elements: 1, bytes: 1 },
  U64: { elements: 1, bytes: 8 },
  U32: { elements: 1, bytes: 4 },
  U16: { elements: 1, bytes: 2 },
  U8: { elements: 1, bytes: 1 },
  BOOL: { elements: 1, bytes: 1 },
  Q4_0: { elements: 32, bytes: 18 },
  Q4_1: { elements: 32, bytes: 20 },
  Q5_0: { elements: 32, bytes: 22 },
  Q5_1: { elements: 32, bytes: 24 },
  Q8_0: { elements: 32, bytes: 34 },
  Q8_1: { elements: 32, bytes: 36 },
  Q2_K: { elements: 256, bytes: 84 },
  Q3_K: { elements: 256, bytes: 110 },
  Q4_K: { elements: 256, bytes: 144 },
  Q5_K: { elements: 256, bytes: 176 },
  Q6_K: { elements: 256, bytes: 210 },
  Q8_K: { elements: 256, bytes: 292 },
  IQ2_XXS: { elements: 256, bytes: 66 },
  IQ2_XS: { elements: 256, bytes: 74 },
  IQ3_XXS: { elements: 256, bytes: 98 },
  IQ1_S: { elements: 256, bytes: 50 },
  IQ4_NL: { elements: 32, bytes: 18 },
  IQ3_S: { elements: 256, bytes: 110 },
  IQ2_S: { elements: 256, bytes: 82 },
  IQ4_XS: { elements: 256, bytes: 136 },
  IQ1_M: { elements: 256, bytes: 56 },
  TQ1_0: { elements: 256, bytes: 54 },
  TQ2_0: { elements: 256, bytes: 66 },
  MXFP4: { elements: 32, bytes: 17 },
} as const satisfies Readonly<Record<string, TensorTypeFacts>>

export type TensorType = keyof typeof tensorTypes

export const tensorFormats = ['safetensors', 'gguf', 'npy', 'npz', 'onnx', 'pytorch'] as const
/** What a file with tensors is. */
export type TensorFormat = (typeof tensorFormats)[number]

/** One tensor of a file in an archive, as the file's header has it. */
export interface TensorRow {
  /** Its place among the file's tensors, from 0, in the order of their offsets. */
  readonly number: number
  /** As the file has it: from another person, so to be shown escaped. */
  readonly name: string
  readonly type: TensorType
  /** As NumPy has it: the last dimension is the one that varies fastest. Empty for a single number. */
  readonly shape: readonly number[]
  readonly elements: number
  /** Where its bytes begin in the file. */
  readonly offset: number
  readonly bytes: number
  /** The part of its blocks' stored bytes that it has of their raw ones. */
  readonly stored: number
  /** Stored bits an element; undefined if it has no elements. */
  readonly bitsPerElement?: number | undefined
  /** Blocks that are decoded to read it, and their stored bytes. */
  readonly blocks: number
  readonly readBytes: number
}

export interface TensorPage {
  readonly format: TensorFormat
  /** Tensors of the file in all, and what all of them have together. */
  readonly total: number
  readonly elements: number
  readonly bytes: number
  readonly stored: number
  readonly rows: readonly TensorRow[]
}

/** Values in bins of equal width: the first begins at `from`, the last ends at `to`. */
export interface Histogram {
  readonly from: number
  readonly to: number
  readonly counts: readonly number[]
}

/** What the values of one tensor are like. Numbers are of the finite values; of a complex tensor, of both parts. */
export interface TensorStatistics {
  /** Values looked at: all of them, also NaN and infinite ones. */
  readonly values: number
  readonly nans: number
  readonly infinities: number
  readonly zeros: number
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly mean?: number | undefined
  /** The standard deviation. */
  readonly deviation?: number | undefined
  /** 64 bins; undefined if no value is finite. */
  readonly histogram?: Histogram | undefined
  /** Of floats alone. */
  readonly exponents?: ExponentStatistics | undefined
}

export interface ExponentStatistics {
  /** Bits an element that its exponent field costs at least, coded without context: the empirical (Shannon) entropy. */
  readonly entropy: number
  /** Width of the field in bits: what it takes uncoded. */
  readonly bits: number
  /** How often each exponent occurs; the first is of 2 to the power of `first`. Subnormals, zeros, NaN and infinities count by their field. */
  readonly first: number
  readonly counts: readonly number[]
}

/**
 * How many directions a matrix really uses: exp(H) of its normalised singular values (Roy and Vetterli, "The effective rank", EUSIPCO
 * 2007). A tensor of more dimensions is a matrix of its first one by all others.
 */
export interface EffectiveRank {
  readonly rows: number
  readonly columns: number
  /** From 1 to the smaller of rows and columns; 0 if every value is 0. */
  readonly rank: number
  /** Descending, at most 256 of them, evenly picked. */
  readonly singularValues: readonly number[]
}

/** The smaller side of a matrix whose effective rank is computed, at most. */
export const largestMatrixSide = 2048
/** And the elements it has, at most. */
export const mostMatrixElements = 2 ** 24

/** Calls about the tensors of an entry; a part of the engine's calls. */
export interface TensorApi {
  /**
   * The tensors of a file, by reading its header alone.
   * @returns undefined for a file that has none, or is not a well-formed file of tensors
   */
  tensors(
    handle: number,
    entry: number,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<TensorPage | undefined>
  /**
   * Decodes one tensor and looks at its values, in a thread of its own.
   * Fails with `Cancelled` after {@link TensorApi.stopTensors}, and with `Unsupported` for quantised types.
   * @param tensor its number
   */
  tensorStatistics(handle: number, entry: number, tensor: number): Promise<TensorStatistics>
  /** The same for the effective rank; `Unsupported` also for what is no matrix, is larger than
   * {@link largestMatrixSide} and {@link mostMatrixElements} say, or is not finite. */
  effectiveRank(handle: number, entry: number, tensor: number): Promise<EffectiveRank>
  /** Breaks off the two calls above that are under way for an archive. */
  stopTensors(handle: number): void
}
