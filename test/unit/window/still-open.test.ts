import { expect, test } from 'vitest'
import { leaveArchive, whenLeft } from '../../../src-renderer/archive/still-open'

test('an archive that was left is opened anew when it is closed, or it would open without its password; others do not wait', async () => {
  const told: string[] = []
  let close = (): void => undefined
  leaveArchive('/a.lmz', new Promise<void>((resolve) => (close = resolve)))
  const waited = whenLeft('/a.lmz').then(() => told.push('a'))
  await whenLeft('/b.lmz')
  await new Promise((pause) => setTimeout(pause, 5))
  expect(told).toEqual([])
  close()
  await waited
  expect(told).toEqual(['a'])
  leaveArchive('/c.lmz', Promise.reject(new Error('the engine ended')))
  await whenLeft('/c.lmz')
})
