import fastCheck from 'fast-check'
import { closeSync, fstatSync, lstatSync, openSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setLinkTime, setOpenFileTime, setTime } from '../../../src-main/outlet/file-times'
import { temporaryFolder } from './extraction'

const second = 1_000_000_000n

function floorToMicrosecond(nanoseconds: bigint): bigint {
  return (nanoseconds - (((nanoseconds % 1000n) + 1000n) % 1000n)) / 1000n
}

describe('a restored time', () => {
  it('is the same to the microsecond, whatever its nanoseconds, from 1902 to 2106', () => {
    const path = join(temporaryFolder(), 'f')
    writeFileSync(path, '')
    const descriptor = openSync(path, 'r+')
    try {
      const time = fastCheck.bigInt({ min: -2_147_483_648n * second, max: 4_294_967_295n * second })
      fastCheck.assert(
        fastCheck.property(time, (mtimeNs) => {
          setOpenFileTime(descriptor, mtimeNs)
          const { mtimeNs: readBack } = fstatSync(descriptor, { bigint: true })
          return floorToMicrosecond(readBack) === floorToMicrosecond(mtimeNs)
        }),
        { numRuns: 3000 },
      )
    } finally {
      closeSync(descriptor)
    }
  })

  it.each([
    0n,
    1n,
    -1n,
    -1_000n,
    -999_999_999n,
    -1_500_000_000n,
    1_700_000_000_000_000_000n,
    1_700_000_000_000_001_000n,
    1_700_000_000_999_999_999n,
    4_102_444_800_123_456_000n,
  ])('%s ns comes back to the microsecond', (mtimeNs) => {
    const path = join(temporaryFolder(), 'f')
    writeFileSync(path, '')
    setTime(path, mtimeNs)
    expect(floorToMicrosecond(statSync(path, { bigint: true }).mtimeNs)).toBe(floorToMicrosecond(mtimeNs))
  })

  it('is exact where the number allows it, so that whole and half seconds gain no nanoseconds', () => {
    const path = join(temporaryFolder(), 'f')
    writeFileSync(path, '')
    for (const mtimeNs of [1_700_000_000n * second, 1_700_000_000n * second + 500_000_000n, -3n * second]) {
      setTime(path, mtimeNs)
      expect(statSync(path, { bigint: true }).mtimeNs).toBe(mtimeNs)
    }
  })

  it.each([2n ** 63n, -(2n ** 63n), 2n ** 200n, -(2n ** 200n), 253_402_300_800n * second, -62_135_596_800n * second])(
    '%s ns, which no file system keeps, is moved to one that it keeps, without an error',
    (mtimeNs) => {
      const path = join(temporaryFolder(), 'f')
      writeFileSync(path, '')
      setTime(path, mtimeNs)
      const { mtimeNs: readBack } = statSync(path, { bigint: true })
      const now = BigInt(Date.now()) * 1_000_000n
      expect(readBack < 0n).toBe(mtimeNs < 0n)
      expect(readBack > now - 3600n * second && readBack < now + 3600n * second, 'not quietly the present').toBe(false)
    },
  )

  it('of a link is its own and leaves what it points to alone', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'target'), '')
    setTime(join(folder, 'target'), 5n * second)
    symlinkSync('target', join(folder, 'link'))
    setLinkTime(join(folder, 'link'), 7n * second + 1_000n)
    expect(statSync(join(folder, 'target')).mtimeMs).toBe(5000)
    expect(floorToMicrosecond(lstatSync(join(folder, 'link'), { bigint: true }).mtimeNs)).toBe(7_000_001n)
  })
})
