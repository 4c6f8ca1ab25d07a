/**
 * What a chunk's bytes are, as far as it helps to pack alike data together and to choose codec and model.
 * The numbers are stored in block frames and never change meaning; a reader treats a number it does not know as `binary`.
 *
 * The line between `text`, `code` and `structured` is what predicts the next byte: words (text), nesting and
 * identifiers (code), or a repeating frame of tags, keys and delimiters (structured). Hence Markdown and TeX are text (prose
 * with a few marks), HTML and SVG are structured (tags dominate, as in any XML), CSS and SQL are code.
 */
export const contentKinds = {
  /** Anything not named below; also raw audio, fonts and databases. */
  binary: 0,
  /** Prose in any language and encoding. */
  text: 1,
  /** Program source, shell scripts, style sheets, build files. */
  code: 2,
  /** JSON, XML, HTML, SVG, CSV, logs, YAML, INI and other records in text form. */
  structured: 3,
  /** Machine code and bytecode: ELF, PE, Mach-O, WebAssembly, Java classes. */
  executable: 4,
  /** Pixels as they are: BMP, PNM, TIFF, PSD. Compressed pictures are `media`. */
  image: 5,
  /** Pictures, sound and film that are compressed already: JPEG, PNG, MP3, MP4. */
  media: 6,
  /** Arrays of numbers: safetensors, GGUF, npy, ONNX, PyTorch, HDF5. */
  tensor: 7,
  /** Archives, compressed and encrypted streams; PDF and office documents, which are mostly deflate inside. */
  compressed: 8,
} as const

export type ContentKind = keyof typeof contentKinds

/** Kinds that a model of language reads. */
export const textKinds: readonly ContentKind[] = ['text', 'code', 'structured']

const kindNames = Object.keys(contentKinds) as readonly ContentKind[]

/** The kind with this number, as stored in a frame. */
export function contentKindOf(number: number): ContentKind {
  return kindNames.find((name) => contentKinds[name] === number) ?? 'binary'
}
