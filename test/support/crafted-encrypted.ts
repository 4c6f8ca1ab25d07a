import { zstdCompressSync } from 'node:zlib'
import { authenticate } from '../../src-main/crypto/derived-keys'
import type { Encryption } from '../../src-main/archive/encryption/encryption'
import { encodeFooter, encodeFooterFields, type Footer } from '../../src-main/format/footer'
import { secretIndexHash } from '../../src-main/format/footer-authentication'
import {
  archiveTagOf,
  contentHashOf,
  encodeFrameHeader,
  type FrameFields,
  frameHeaderLength,
  frameTypes,
  hintLength,
} from '../../src-main/format/frame'
import { encodeHeader, featureFlags } from '../../src-main/format/header'
import { paddedLength } from '../../src-main/format/padding'
import { sealedLength } from '../../src-main/format/seal'
import { IndexWriter } from '../../src-main/index/index-writer'
import { idOfA } from './crafted-archive'
import { craftedEncryption, craftKeySlots } from './crafted-keys'
import type { Random } from './random'
import { prefixLength, scatter } from './sealed-layout'

/** What an encrypted archive holds. */
export interface EncryptedCraft {
  readonly primer?: Uint8Array | undefined
  /** Of each block: contents by name. */
  readonly blocks: readonly Readonly<Record<string, Uint8Array>>[]
  /** Each but the first one says the same again. */
  readonly commits: number
}

const lineage = 0x0123456789abcdefn
const version = { major: 1, minor: 0, features: featureFlags.encrypted }

/**
 * An encrypted archive as a layout (see sealed-layout.ts): with its plaintext in the place of what is encrypted.
 */
export async function craftLayout(random: Random, craft: EncryptedCraft): Promise<Buffer> {
  const [keySlots, encryption] = [await craftKeySlots(), await craftedEncryption()]
  const layout = new Layout(random)
  layout.append(encodeHeader({ ...version, archiveId: idOfA, keySlots: frameHeaderLength }), keySlots.frame)
  const index = indexOf(craft, layout)
  const database = index.snapshot()
  index.close()
  let previous: Footer['previous'] = { position: 0, hash: new Uint8Array(16) }
  for (let sequence = 1; sequence <= craft.commits; sequence++) {
    const payload = zstdCompressSync(database)
    const contentHash = contentHashOf(database)
    const lengths = { rawLength: database.length, storedLength: payload.length }
    const position = layout.seal({ type: frameTypes.index, codec: 1, id: sequence, contentHash, ...lengths }, payload)
    const hash = secretIndexHash(contentHash, encryption.keys.footers)
    const named = { position, length: layout.position - position, hash }
    const keySlotsAt = layout.append(keySlots.frame)
    const fields: Footer = {
      ...version,
      sequence,
      archiveId: idOfA,
      index: named,
      previous,
      position: layout.position,
      timeMs: 1_763_700_000_000 + sequence,
      keySlots: keySlotsAt,
    }
    const footer = signed(fields, keySlots.hash, encryption)
    previous = {
      position: layout.append(encodeFooter(footer)),
      hash: contentHashOf(footer.authentication?.payload ?? Buffer.alloc(0)),
    }
  }
  return layout.bytes()
}

/** As format/footer-authentication.ts does, but its time is not hidden: so it stays where changes find it. */
function signed(footer: Footer, keySlotsHash: Uint8Array, { keys }: Encryption): Footer {
  const payload = Buffer.alloc(192)
  payload.set(encodeFooterFields(footer))
  payload.set(keySlotsHash, 144)
  const code = authenticate(keys.footers, payload.subarray(0, 160))
  payload.set(code, 160)
  return { ...footer, authentication: { keySlotsHash, code, payload } }
}

/** Appends primer and blocks. */
function indexOf({ primer, blocks }: EncryptedCraft, layout: Layout): IndexWriter {
  const index = IndexWriter.create()
  index.setSetting('lineages 1', `1 1 ${lineage.toString(16).padStart(16, '0')}`)
  if (primer !== undefined) {
    const common = { codec: 0, kind: 0, id: 1, rawLength: primer.length, storedLength: primer.length }
    const fields = { ...common, type: frameTypes.primer, contentHash: contentHashOf(primer) }
    index.addPrimer({ ...common, position: layout.seal(fields, primer) })
  }
  for (const [at, files] of blocks.entries()) {
    const chunks = Object.values(files)
    const raw = Buffer.concat(chunks)
    const codec = primer === undefined ? 0 : 1
    const stored = codec === 0 ? raw : zstdCompressSync(raw)
    const hints = Buffer.alloc(chunks.length * hintLength)
    const common = { codec, kind: 0, id: at + 1, rawLength: raw.length, storedLength: stored.length }
    const named = primer === undefined ? 0 : 1
    const fields = { ...common, type: frameTypes.block, contentHash: contentHashOf(raw), primer: named }
    const position = layout.seal({ ...fields, trailerLength: hints.length }, hints, stored)
    const chunkLengths = chunks.map((bytes) => bytes.length)
    const { firstChunk } = index.addBlock({ ...common, position, primer: named === 0 ? undefined : 1, chunkLengths })
    Object.entries(files).forEach(([name, { length }], chunk) => {
      const content = index.addContent({ size: length, runs: [{ firstChunk: firstChunk + chunk, chunkCount: 1 }] })
      index.addEntry({ parent: 0, name, kind: 'file', mode: 0o644, mtimeNs: 0n, content })
    })
  }
  return index
}

class Layout {
  readonly #random: Random
  readonly #parts: Uint8Array[] = []
  position = 0

  constructor(random: Random) {
    this.#random = random
  }

  append(...parts: readonly Uint8Array[]): number {
    const start = this.position
    for (const part of parts) {
      this.#parts.push(part)
      this.position += part.length
    }
    return start
  }

  /** Appends a frame that is to be sealed; its parts stand in the order trailer, payload. */
  seal(fields: Omit<FrameFields, 'archiveTag'>, ...parts: readonly Uint8Array[]): number {
    const archiveTag = archiveTagOf(idOfA)
    const inner = Buffer.concat([encodeFrameHeader({ ...fields, archiveTag }), ...parts])
    const padded = Buffer.concat([inner, Buffer.alloc(paddedLength(inner.length) - inner.length)])
    const outer = encodeFrameHeader({
      type: frameTypes.sealed,
      codec: 0,
      archiveTag,
      id: 0,
      rawLength: 0,
      storedLength: sealedLength(inner.length),
      contentHash: new Uint8Array(16),
      lineage,
    })
    const body = Buffer.alloc(sealedLength(inner.length))
    this.#random.bytes(prefixLength).copy(body)
    scatter(padded, body)
    return this.append(outer, body)
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
