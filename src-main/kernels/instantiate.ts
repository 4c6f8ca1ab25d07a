/** The part of the JavaScript API of WebAssembly used here; TypeScript has it only among the types of the browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/**
 * Compiles and starts a kernel, synchronously: about a millisecond for one of a few KiB.
 * @param wasm the module in base64, as build/kernels.mjs generates it
 * @returns its exports, of which the caller knows the type
 */
export function instantiate(wasm: string): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, 'base64'))).exports
}
