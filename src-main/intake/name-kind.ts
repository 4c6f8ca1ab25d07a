import type { ContentKind } from '../contract/content-kind'

/**
 * What a file's name promises. A promise only: the content decides between text and the binary kinds, the name only among
 * text, code and structured. Extensions that mean anything ("txt", "dat", "log.1") are left out on purpose.
 */
const extensionsByKind: Readonly<Partial<Record<ContentKind, string>>> = {
  text: 'md markdown mdx rst adoc asciidoc org tex latex bib textile wiki pod man me ms srt vtt po pot eml mbox nfo',
  code:
    'c h cc cpp cxx hh hpp hxx inl ino m mm cs java kt kts scala groovy gradle go rs swift d zig nim v vala hs lhs ml mli fs fsx ' +
    'erl hrl ex exs elm clj cljs cljc lisp el scm rkt jl r lua tcl pl pm t raku py pyi pyw pyx pxd rb erb php phtml js mjs cjs jsx ' +
    'ts mts cts tsx vue svelte astro dart coffee css scss sass less styl sh bash zsh fish ksh csh awk sed ps1 psm1 psd1 bat ' +
    'cmd vbs vb bas pas pp lpr f f77 f90 f95 f03 for asm s nasm cl cu cuh glsl vert frag comp hlsl metal wgsl sv svh vhd vhdl ' +
    'cob cbl ada adb ads pro prolog sql psql plsql graphql gql proto thrift cmake mk mak make ninja bzl bazel nix tf tfvars hcl ' +
    'dockerfile sol move cairo wat lean coq agda idr y yy l ll ahk applescript gd hx as vim ps eps patch diff',
  structured:
    'json json5 jsonc jsonl ndjson geojson topojson webmanifest map har ipynb avsc xml xsd xsl xslt xhtml html htm shtml svg rss atom ' +
    'plist kml gpx gml wsdl resx xaml csproj vbproj vcxproj props targets nuspec storyboard xib fodt fods drawio csv tsv psv ssv ' +
    'tab yaml yml toml ini cfg conf config cnf properties env editorconfig desktop service reg inf lock log ltsv vcf ics ldif ' +
    'pem crt cer key pub asc sum sha256 sha1 md5 rtf obj mtl stl ply off pdb gcode srec hex arff fasta fa fastq fq gff gtf bed sam',
  executable: 'exe dll sys scr ocx cpl efi so dylib o obj a lib elf ko node wasm class dex pyc pyo beam luac com',
  image: 'bmp dib pnm pbm pgm ppm pam tif tiff tga psd xcf ico cur icns pcx sgi ras hdr exr dds ktx',
  media:
    'jpg jpeg jpe jfif png apng gif webp avif heic heif jxl jp2 j2k jpx bpg flif cr2 cr3 nef arw orf rw2 raf dng mp3 mp2 m4a m4b aac ' +
    'ogg oga opus flac ape wv wma ac3 dts mp4 m4v mov qt mkv webm avi wmv mpg mpeg m2ts mts vob ogv flv f4v 3gp 3g2 rm swf',
  tensor: 'safetensors gguf ggml npy npz onnx pt pth ckpt h5 hdf5 keras tflite',
  compressed:
    'zip gz tgz bz2 tbz tbz2 xz txz lzma zst tzst lz lz4 lzo br 7z rar cab arj ace lha lzh z jar war ear apk aab ipa whl egg nupkg ' +
    'vsix xpi crx deb rpm dmg msi docx docm dotx xlsx xlsm xltx pptx pptm ppsx odt ods odp odg ott epub mobi azw azw3 pdf woff woff2 ' +
    'gpg pgp age enc lmz parquet orc sit zpaq squashfs appimage snap pages numbers key',
}

/** Well-known names without a telling extension, in lower case. */
const wholeNamesByKind: Readonly<Partial<Record<ContentKind, string>>> = {
  text: 'license licence copying copyright notice readme changelog changes news authors contributors maintainers install todo',
  code:
    'makefile gnumakefile dockerfile containerfile jenkinsfile vagrantfile rakefile gemfile podfile brewfile justfile build ' +
    'workspace cmakelists.txt configure .bashrc .bash_profile .profile .zshrc .vimrc',
  structured:
    'procfile requirements.txt .gitignore .dockerignore .npmignore .prettierignore .eslintignore .gitattributes .gitmodules ' +
    '.gitconfig .npmrc .env .editorconfig .clang-format .babelrc .prettierrc .eslintrc codeowners',
}

// Where two kinds claim an extension (obj, key), text comes first: of binary content the name is hardly asked.
const kindsByExtension = invert(extensionsByKind)
const kindsByWholeName = invert(wholeNamesByKind)

function invert(words: Readonly<Partial<Record<ContentKind, string>>>): ReadonlyMap<string, ContentKind> {
  const kinds = new Map<string, ContentKind>()
  for (const [kind, list] of Object.entries(words)) {
    for (const word of list.split(' ')) if (!kinds.has(word)) kinds.set(word, kind as ContentKind)
  }
  return kinds
}

/** Lower-case, without the dot; "" if there is none. The dot of a hidden file does not begin an extension. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** The kind that a file's name suggests; undefined if it suggests none. */
export function kindOfName(name: string): ContentKind | undefined {
  return kindsByWholeName.get(name.toLowerCase()) ?? kindsByExtension.get(extensionOf(name))
}
