/** What instrument.ts put into the code counts here. Loaded before anything else. */
declare global {
  var lmzCoverage: Uint8Array
  /** File, first counter, and the one behind its last. */
  var lmzModules: (readonly [file: string, first: number, end: number])[]
}

/** More than all branches of lmz. */
const mostCounters = 32_768

globalThis.lmzCoverage = new Uint8Array(mostCounters)
globalThis.lmzModules = []

export {}
