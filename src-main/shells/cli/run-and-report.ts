import type { JobRequestOf, JobVerb } from '../../contract/job'
import type { Report, ReportOf } from '../../contract/report'
import { runJob, type RunOptions } from '../../engine/run-job'
import { askOverwrite } from './ask-overwrite'
import type { CommandContext } from './context'
import { exitCodes } from './exit-code'

/**
 * Runs a job in this process, shows what happens, and sets exit code 1 if entries had problems, 3 if the archive was read
 * in a damaged state.
 * @throws LmzError as the job does
 */
export async function runAndReport<Verb extends JobVerb>(
  { terminal, signal, setExitCode }: CommandContext,
  request: JobRequestOf<Verb>,
  passwords: Pick<
    RunOptions,
    'password' | 'askPassword' | 'allowCostlyPassword' | 'newPassword' | 'askNewPassword'
  > = {},
): Promise<ReportOf[Verb]> {
  const isInteractive = process.stdin.isTTY && process.stderr.isTTY && !terminal.isJson
  try {
    const report = await runJob<Verb>(request, {
      ...passwords,
      signal,
      onProgress: (progress) => terminal.progress(progress),
      onProblem: (problem) => terminal.problem(problem),
      ...(isInteractive
        ? {
            ask: (question) => {
              terminal.clear()
              return askOverwrite(question, signal)
            },
          }
        : {}),
    })
    terminal.clear()
    for (const notice of report.notices) terminal.notice(notice)
    if (report.problems.length > 0) setExitCode(exitCodes.problems)
    if (wasReadDegraded(report)) setExitCode(exitCodes.damaged)
    terminal.result(request.verb, report)
    return report
  } finally {
    terminal.clear()
  }
}

function wasReadDegraded(report: Report): boolean {
  return 'condition' in report && report.condition === 'degraded'
}
