import { createInterface } from 'node:readline/promises'
import { escapeForDisplay } from '../../contract/display-name'
import { LmzError } from '../../contract/error'
import { formatBytes } from '../../contract/format-bytes'
import type { OverwriteAnswer, OverwriteQuestion } from '../../contract/question'
import { formatTime } from './wording'

const answers: Readonly<Record<string, OverwriteAnswer>> = {
  s: { choice: 'skip', forAll: false },
  S: { choice: 'skip', forAll: true },
  r: { choice: 'replace', forAll: false },
  R: { choice: 'replace', forAll: true },
  n: { choice: 'rename', forAll: false },
  N: { choice: 'rename', forAll: true },
}

/**
 * Asks at the terminal until there is an answer.
 * @throws LmzError `Cancelled` when the input ends or is broken off
 */
export async function askOverwrite(question: OverwriteQuestion, signal: AbortSignal): Promise<OverwriteAnswer> {
  const { path, existing, incoming } = question
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const there = `${escapeForDisplay(path)} exists (${describe(existing)}); the archive has ${describe(incoming)}.`
    process.stderr.write(`${there}\n`)
    for (;;) {
      const prompt = '[s]kip, [r]eplace, [n]ew name? A capital letter answers for all: '
      const answer = answers[(await terminal.question(prompt, { signal })).trim()]
      if (answer !== undefined) return answer
    }
  } catch (cause) {
    // Behind the question that was not answered.
    process.stderr.write('\n')
    throw new LmzError('Cancelled', 'Cancelled. Nothing was changed.', { cause })
  } finally {
    terminal.close()
  }
}

function describe({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): string {
  return `${formatBytes(size)}, ${formatTime(mtimeMs)}`
}
