/** One way of packing a folder, as shell commands; paths come in environment variables, so no name can break them. */
export interface Contender {
  readonly name: string
  /** The program that must be installed. */
  readonly program: string
  readonly extension: string
  /** Packs "$NAME", found in the current directory, into "$ARCHIVE". */
  readonly pack: string
  /** Unpacks everything into the current directory. */
  readonly unpack: string
  /** Takes the one file "$ENTRY" out into the current directory. */
  readonly single: string
}

const tarred = (name: string, program: string, extension: string, pack: string, unpack: string): Contender => ({
  name,
  program,
  extension,
  pack: `tar -cf - "$NAME" | ${pack} > "$ARCHIVE"`,
  unpack: `${unpack} < "$ARCHIVE" | tar -xf -`,
  single: `${unpack} < "$ARCHIVE" | tar -xf - "$ENTRY"`,
})

export const peers: readonly Contender[] = [
  tarred('tar + zstd -3 -T2', 'zstd', 'tar.zst', 'zstd -3 -T2 -c -q', 'zstd -d -c -q'),
  tarred('tar + zstd -22 --long', 'zstd', 'tar.zst', 'zstd --ultra -22 --long=27 -T2 -c -q', 'zstd -d --long=27 -c -q'),
  tarred('tar + xz -9e', 'xz', 'tar.xz', 'xz -9e -T2 -c', 'xz -d -c'),
  tarred('tar + brotli -11', 'brotli', 'tar.br', 'brotli -q 11 -w 24 -c', 'brotli -d -c'),
  {
    name: '7zz LZMA2 solid',
    program: '7zz',
    extension: '7z',
    pack: '7zz a -bso0 -bsp0 -mx=9 -ms=on "$ARCHIVE" "$NAME"',
    unpack: '7zz x -bso0 -bsp0 -y "$ARCHIVE"',
    single: '7zz x -bso0 -bsp0 -y "$ARCHIVE" "$ENTRY"',
  },
  {
    name: '7zz PPMd',
    program: '7zz',
    extension: '7z',
    pack: '7zz a -bso0 -bsp0 -m0=PPMd:o=16:mem=256m -ms=on "$ARCHIVE" "$NAME"',
    unpack: '7zz x -bso0 -bsp0 -y "$ARCHIVE"',
    single: '7zz x -bso0 -bsp0 -y "$ARCHIVE" "$ENTRY"',
  },
  {
    name: 'zip -9',
    program: 'zip',
    extension: 'zip',
    pack: 'zip -9 -r -q -y "$ARCHIVE" "$NAME"',
    unpack: 'unzip -q -o "$ARCHIVE"',
    single: 'unzip -q -o "$ARCHIVE" "$ENTRY"',
  },
  {
    name: 'zpaq -m5',
    program: 'zpaq',
    extension: 'zpaq',
    pack: 'zpaq a "$ARCHIVE" "$NAME" -m5 -t2 > /dev/null 2>&1',
    unpack: 'zpaq x "$ARCHIVE" > /dev/null 2>&1',
    single: 'zpaq x "$ARCHIVE" "$ENTRY" > /dev/null 2>&1',
  },
]

/** The presets of lmz, run through the built launcher. */
export function lmzContenders(launcher: string): Contender[] {
  return ['fast', 'balanced', 'max'].map((preset) => ({
    name: `lmz ${preset}`,
    program: launcher,
    extension: 'lmz',
    pack: `"${launcher}" create --preset ${preset} "$ARCHIVE" "$NAME" > /dev/null`,
    unpack: `"${launcher}" extract --no-smart "$ARCHIVE" > /dev/null`,
    single: `"${launcher}" extract --no-smart "$ARCHIVE" "$ENTRY" > /dev/null`,
  }))
}
