import { describe, expect, it } from 'vitest'
import { emptyHistory, goBack, goForward, visit } from '../../../src-renderer/archive/history'

// If this fails, Back does not lead where the user came from.
describe('history', () => {
  it('goes back and forward through the places visited', () => {
    const there = visit(visit(emptyHistory, ['docs']), ['docs', 'images'])
    const back = goBack(there)
    expect(back.now).toEqual(['docs'])
    expect(goBack(goBack(back)).now).toEqual([])
    expect(goForward(back).now).toEqual(['docs', 'images'])
    expect(goForward(goForward(back)).now).toEqual(['docs', 'images'])
  })

  it('forgets what was ahead when another way is taken, and does not note the same place twice', () => {
    const back = goBack(visit(visit(emptyHistory, ['docs']), ['docs', 'images']))
    expect(visit(back, ['docs'])).toBe(back)
    expect(visit(back, ['src']).after).toEqual([])
  })

  it('does not grow without end', () => {
    let history = emptyHistory
    for (let step = 0; step < 1000; step++) history = visit(history, [`${step}`])
    expect(history.before).toHaveLength(100)
    expect(goBack(history).now).toEqual(['998'])
  })
})
