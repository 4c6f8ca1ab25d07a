import { deriveKeys, type DerivedKeys, gearTableOf } from '../../crypto/derived-keys'
import { authenticFooter } from '../../format/footer-authentication'
import type { Footer } from '../../format/footer'
import { FrameSeal } from '../../format/seal'
import type { MasterKey } from './master-key'

/** The keys of one encrypted archive, as long as it is open. */
export class Encryption {
  readonly masterKey: MasterKey
  readonly archiveId: Uint8Array
  readonly keys: DerivedKeys
  readonly seal: FrameSeal

  /** @throws LmzError `Unsupported` where this program cannot encrypt */
  constructor(masterKey: MasterKey, archiveId: Uint8Array) {
    this.masterKey = masterKey
    this.archiveId = archiveId
    this.keys = deriveKeys(masterKey.bytes, archiveId)
    this.seal = new FrameSeal({ key: this.keys.frames, archiveId })
  }

  /** @returns the footer with its true time; undefined if it was not made with the key */
  authentic(footer: Footer): Footer | undefined {
    return authenticFooter(footer, this.keys.footers)
  }

  /** Overwrites the keys of the archive's data. */
  forgetKeys(): void {
    for (const key of Object.values<Uint8Array>({ ...this.keys })) key.fill(0)
    this.seal.forget()
  }

  /** Overwrites all keys; to be called when the archive is closed. */
  forget(): void {
    this.forgetKeys()
    this.masterKey.forget()
  }

  /** The table by which chunks are cut: where they end tells nothing of what they hold. */
  gearTable(): Uint8Array {
    return gearTableOf(this.keys.chunks)
  }
}
