import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Archive } from '../../../src-main/archive/archive'
import type { Healer } from '../../../src-main/archive/protection/healer'
import { repairArchive } from '../../../src-main/archive/protection/repair'
import { runSteps } from '../../../src-main/archive/protection/steps'
import { fileBytes } from '../../../src-main/archive/read-file'
import { LmzError } from '../../../src-main/contract/error'
import { contentHashOf, frameHeaderLength, frameMagic, frameTypes } from '../../../src-main/format/frame'
import { decodeRecordHeader, type ParityRecord, recordKinds, recordMagic } from '../../../src-main/format/parity/record'
import { cellHashLength, type ParityRun, recordHeaderLength } from '../../../src-main/format/parity/run'
import { blake3 } from '../../../src-main/kernels/blake3'
import { hashOf } from '../../support/archive-state'
import { type Craft, craftArchive, idOfA, idOfB } from '../../support/crafted-archive'
import { type CraftedParity, protectCrafted } from '../../support/crafted-protected'
import { Random } from '../../support/random'
import { ScratchFile } from '../../support/scratch-file'
import type { Target } from '../guided'

/** What is true of the seeds. They are the same for all runs, so that a kept input can be tried again. */
interface Truth {
  readonly archives: readonly Buffer[]
  /** Names of files with hashes of their contents: any other pair is a file with a wrong byte. */
  readonly files: ReadonlySet<string>
  /** What a run covers, by the hash of its description. */
  readonly covered: ReadonlyMap<string, Buffer>
}

let known: Promise<Truth> | undefined

function truth(): Promise<Truth> {
  known ??= makeTruth(new Random(7))
  return known
}

/** Archives of one and of two runs, of short and of longer cells, of one segment and of three. */
async function makeTruth(random: Random): Promise<Truth> {
  const text = { 'a.txt': random.text(300), 'b.txt': random.text(200) }
  const noise = { 'c.bin': random.bytes(700) }
  const primers = [{ bytes: random.text(90) }]
  const crafts: readonly (readonly [Craft, ...CraftedParity[]])[] = [
    [{ archiveId: idOfA, blocks: [{ files: text }, { files: noise, codec: 1 }] }, { cellLength: 64 }],
    [{ archiveId: idOfB, blocks: [{ files: text, codec: 1 }] }, { cellLength: 512 }],
    [
      { archiveId: random.bytes(16), primers, blocks: [{ files: text, primer: 1 }] },
      { cellLength: 128 },
      { cellLength: 64 },
    ],
    [
      { archiveId: random.bytes(16), blocks: [{ files: noise }] },
      { cellLength: 32, segments: 3, groups: 3, wide: 5 },
    ],
  ]
  const archives: Buffer[] = []
  const covered = new Map<string, Buffer>()
  const files = new Set<string>()
  for (const [craft, ...parities] of crafts) {
    let made: Awaited<ReturnType<typeof protectCrafted>> = craftArchive(craft)
    for (const parity of parities) made = await protectCrafted(made.bytes, made.footerPosition, parity)
    archives.push(made.bytes)
    for (const { run } of recordsOf(made.bytes)) covered.set(keyOf(run), made.bytes)
    for (const block of craft.blocks) {
      for (const [name, bytes] of Object.entries(block.files)) files.add(`${name} ${hashOf([bytes])}`)
    }
  }
  return { archives, files, covered }
}

const common = {
  covers:
    /format\/parity\/|archive\/protection\/(find-runs|repairs|run-healer|cell-reader|healer|healed-view|open-healed|patched-source|healed-cells)\.ts/,
  longest: 30_000,
  seeds: async () => (await truth()).archives,
}

/** Damage, which makes no checksum fit: cells that pass for right must be so, too. */
export const damagedParity: Target = {
  name: 'parity: damaged archives',
  ...common,
  run: (input) => readHealed(input, true),
}

/** Parity that somebody wrote who wants to harm: its checksums are right. */
export const hostileParity: Target = {
  name: 'parity: hostile records',
  ...common,
  repair: signParity,
  run: (input) => readHealed(input, false),
}

let scratch: ScratchFile | undefined

/** Opens, reads and heals all that can be. */
async function readHealed(input: Uint8Array, areCellsRight: boolean): Promise<void> {
  const storage = (scratch ??= new ScratchFile()).storageWith(input)
  let fault: LmzError | undefined
  for (const isForSalvage of [false, true]) {
    const opened = await (isForSalvage ? Archive.openForSalvage('x.lmz', storage) : Archive.open('x.lmz', storage))
    try {
      fault ??= checkFiles(opened, (await truth()).files)
      const healer = runSteps(opened.repairs.find())
      if (healer === undefined) continue
      runSteps(healer.healAll())
      runSteps(healer.checkParity())
      if (areCellsRight) await checkCells(healer)
      if (opened.notices.some((notice) => notice === '')) throw new Error('an empty notice')
    } finally {
      opened.close()
    }
  }
  if (fault !== undefined) throw fault
}

/**
 * @param files names with hashes of what may come out
 * @returns why a file could not be read, if one could not
 */
export function checkFiles(opened: Archive, files: ReadonlySet<string>): LmzError | undefined {
  let fault: LmzError | undefined
  for (const { id, kind } of opened.index.descendants(0)) {
    if (kind !== 'file') continue
    const name = opened.index.pathOf(id).join('/')
    try {
      const hash = hashOf(fileBytes(opened, id))
      if (!files.has(`${name} ${hash}`)) throw new Error(`${name} came out with wrong bytes`)
    } catch (thrown) {
      if (!(thrown instanceof LmzError)) throw thrown
      fault ??= thrown
    }
  }
  return fault
}

async function checkCells(healer: Healer): Promise<void> {
  const { covered } = await truth()
  for (const one of healer.runs) {
    const right = covered.get(keyOf(one.run))
    if (right === undefined) continue
    const { cellLength, position } = one.run.description
    for (let cell = 0; cell < one.run.cells; cell++) {
      const kind = one.stateOf(cell)?.kind ?? 'whole'
      if (kind === 'lost' || kind === 'unknown') continue
      const start = one.run.positionOf(cell)
      const expected = right.subarray(start, Math.min(start + cellLength, position))
      const bytes = one.bytesOf(cell)
      // One that equations alone prove has no hash to be read by.
      if (bytes === undefined || expected.equals(bytes.subarray(0, expected.length))) continue
      throw new Error(`a cell that passes for ${kind} has wrong bytes`)
    }
  }
}

/** The whole way: a new archive of what is left of a damaged one, checked and read again. Slow, for it takes files and threads. */
export const repair: Target = {
  name: 'repair of damaged archives',
  ...common,
  covers: /archive\/protection\/(repair|health|write-run|plan-run|protect|append-parity)\.ts/,
  async run(input) {
    const folder = mkdtempSync(join(tmpdir(), 'lmz-fuzz-repair-'))
    try {
      const [damaged, whole] = [join(folder, 'damaged.lmz'), join(folder, 'whole.lmz')]
      writeFileSync(damaged, input)
      const { lostFiles } = await repairArchive(damaged, whole)
      const opened = await Archive.open(whole)
      try {
        const fault = checkFiles(opened, (await truth()).files)
        if (fault !== undefined && lostFiles === 0) throw new Error(`repaired without loss, but: ${fault.message}`)
        if (opened.isRepaired) throw new Error('what was written whole had to be repaired to be read')
      } finally {
        opened.close()
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

function keyOf(run: ParityRun): string {
  return Buffer.from(run.hash).toString('hex')
}

function positionsOf(bytes: Buffer, magic: Uint8Array): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) found.push(at)
  return found
}

/** Records whose header is right and says what can be. */
function recordsOf(bytes: Buffer): readonly (ParityRecord & { readonly at: number })[] {
  return positionsOf(bytes, recordMagic).flatMap((at) => {
    try {
      const record = decodeRecordHeader(bytes.subarray(at, at + recordHeaderLength))
      return record === undefined ? [] : [{ ...record, at }]
    } catch (thrown) {
      if (thrown instanceof LmzError) return []
      throw thrown
    }
  })
}

/**
 * What an attacker does after changing parity: checksums of records, of the cells and pieces in them and of footers are made to fit, and
 * the newest description is the one that frames and footers name. Every fourth input, by its length, keeps what they name.
 */
function signParity(input: Buffer): void {
  for (const at of positionsOf(input, recordMagic)) {
    if (at + recordHeaderLength <= input.length) input.writeUInt32LE(crc32(input.subarray(at, at + 124)), at + 124)
  }
  let newest: ParityRun | undefined
  for (const { at, kind, segment, number, run } of recordsOf(input)) {
    if (newest === undefined || run.description.position >= newest.description.position) newest = run
    const length = kind === recordKinds.xor ? run.xorRecordLength : run.wideRecordLength
    if (kind === recordKinds.description || at + length > input.length) continue
    const pieces = kind === recordKinds.xor ? 1 : run.piecesOfWide
    for (let piece = 0; piece < pieces; piece++) {
      const group = kind === recordKinds.xor ? number : number + piece * run.description.wide
      signPiece(input, run, { segment, group, at: at + recordHeaderLength + piece * run.pieceLength })
    }
    input.set(contentHashOf(input.subarray(at + length - run.description.cellLength, at + length)), at + 96)
    input.writeUInt32LE(crc32(input.subarray(at, at + 124)), at + 124)
  }
  for (const at of positionsOf(input, frameMagic)) signFrame(input, at, newest)
}

/** As in format/parity/record.ts; the hashes in it stay as they were changed. */
function signPiece(input: Buffer, run: ParityRun, piece: { segment: number; group: number; at: number }): void {
  const place = Buffer.alloc(8)
  place.writeUInt32LE(piece.segment, 0)
  // A number that does not fit is one that no reader accepts, whatever its piece.
  place.writeUInt32LE(piece.group >>> 0, 4)
  const end = piece.at + run.pieceLength - cellHashLength
  const hash = blake3(Buffer.concat([run.hash, place, input.subarray(piece.at, end)]))
  input.set(hash.subarray(0, cellHashLength), end)
}

function signFrame(input: Buffer, at: number, newest: ParityRun | undefined): void {
  if (at + frameHeaderLength > input.length) return
  const isOwn = newest !== undefined && input.length % 4 !== 0
  const type = input.readUInt8(at + 4)
  if (type === frameTypes.parity && isOwn) {
    input.set(newest.hash, at + 28)
    input.writeUIntLE(newest.payloadLength % 2 ** 48, at + 16, 6)
    input.writeUIntLE(newest.payloadLength % 2 ** 48, at + 22, 6)
  }
  const payload = input.subarray(at + frameHeaderLength, at + frameHeaderLength + 144)
  if (type === frameTypes.footer && payload.length === 144) {
    if (isOwn && payload.readBigUInt64LE(96) !== 0n) {
      payload.writeBigUInt64LE(BigInt(newest.description.position), 96)
      payload.writeBigUInt64LE(BigInt(newest.end - newest.description.position), 104)
      payload.set(newest.hash, 112)
    }
    input.set(contentHashOf(payload), at + 28)
  }
  if (type === frameTypes.parity || type === frameTypes.footer) {
    input.writeUInt32LE(crc32(input.subarray(at, at + 60)), at + 60)
  }
}
