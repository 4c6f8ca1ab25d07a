import { createInterface } from 'node:readline/promises'
import { escapeForDisplay } from '../../contract/display-name'
import { formatBytes } from '../../contract/format-bytes'
import type { JobRequestOf, JobVerb } from '../../contract/job'
import type { OverwriteAnswer, OverwriteQuestion } from '../../contract/question'
import type { ReportOf } from '../../contract/report'
import { runJob } from '../../engine/run-job'
import { exitCodes } from './exit-code'
import type { CommandContext } from './context'

/**
 * Runs a job in this process, shows what happens, and sets exit code 1 if entries had problems.
 * @throws LmzError as the job does
 */
export async function runAndReport<Verb extends JobVerb>(
  { terminal, signal, setExitCode }: CommandContext,
  request: JobRequestOf<Verb>,
): Promise<ReportOf[Verb]> {
  const isInteractive = process.stdin.isTTY && process.stderr.isTTY && !terminal.isJson
  try {
    const report = await runJob<Verb>(request, {
      signal,
      onProgress: (progress) => terminal.progress(progress),
      onProblem: (problem) => terminal.problem(problem),
      ...(isInteractive ? { ask: (question) => askOverwrite(question, signal) } : {}),
    })
    terminal.clear()
    for (const notice of report.notices) terminal.notice(notice)
    if (terminal.isJson) terminal.event('result', { verb: request.verb, ...report })
    if (report.problems.length > 0) setExitCode(exitCodes.problems)
    return report
  } finally {
    terminal.clear()
  }
}

const answers: Readonly<Record<string, OverwriteAnswer>> = {
  s: { choice: 'skip', forAll: false },
  S: { choice: 'skip', forAll: true },
  r: { choice: 'replace', forAll: false },
  R: { choice: 'replace', forAll: true },
  n: { choice: 'rename', forAll: false },
  N: { choice: 'rename', forAll: true },
}

async function askOverwrite(question: OverwriteQuestion, signal: AbortSignal): Promise<OverwriteAnswer> {
  const { path, existing, incoming } = question
  const describe = ({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): string =>
    `${formatBytes(size)}, ${new Date(mtimeMs).toLocaleString()}`
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const there = `${escapeForDisplay(path)} exists (${describe(existing)}); the archive has ${describe(incoming)}.`
    for (;;) {
      const prompt = `${there}\n[s]kip, [r]eplace, [n]ew name? A capital letter answers for all: `
      const answer = answers[(await terminal.question(prompt, { signal })).trim()]
      if (answer !== undefined) return answer
    }
  } finally {
    terminal.close()
  }
}
