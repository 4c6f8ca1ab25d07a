import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const renderer = resolve(import.meta.dirname, '../../out/renderer')

test('the built page holds no code and no style of its own, which the content policy would not let run', async () => {
  const page = await readFile(join(renderer, 'index.html'), 'utf8')
  const scripts = [...page.matchAll(/<script\b[^>]*>([^<]*)<\/script>/g)]
  expect(scripts.length).toBeGreaterThan(0)
  for (const [script, inside] of scripts) {
    expect(inside).toBe('')
    expect(script).toMatch(/src="\.\/assets\/[^"]+\.js"/)
  }
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/)
})
