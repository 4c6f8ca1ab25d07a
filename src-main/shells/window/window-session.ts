import { createBirpc } from 'birpc'
import * as v from 'valibot'
import { LmzError, toLmzError } from '../../contract/error'
import { type JobRequest, jobRequestSchema } from '../../contract/job'
import type { JobSecrets } from '../../contract/password'
import type { OverwriteAnswer } from '../../contract/question'
import type { ShellApi, ShellEvents } from '../../contract/shell-api'
import type { Answer } from '../../contract/window-link'
import { type CallName, callNames, checkedArguments } from '../../engine/call-arguments'
import type { Channel } from '../../engine/channel'
import type { Desk } from './desk'
import { OpenArchives } from './open-archives'
import { absolutePath, checkedShellArguments, isShellCall } from './shell-arguments'
import type { ShellPart } from './shell-part'
import { windowShell } from './window-shell'

/** The only message a window has to send: a call, in the form that birpc gives it. */
const messageSchema = v.strictObject({
  t: v.literal('q'),
  m: v.literal('call'),
  a: v.strictTuple([v.picklist(['engine', 'shell']), v.string(), v.array(v.unknown())]),
  i: v.pipe(v.string(), v.maxLength(64)),
})

/** WindowCalls and WindowEvents, of which each name and its arguments are still to be checked. */
interface Calls {
  call(target: 'engine' | 'shell', name: string, args: readonly unknown[]): Promise<Answer>
}
interface Events {
  event(source: 'engine' | 'shell', name: string, args: readonly unknown[]): void
}

/**
 * Serves one window over a channel. Everything that comes from it is checked: the message, the name of the call, the arguments by
 * the schemas of engine and shell, and that an archive is one it opened itself. Jobs belong to the user, so every window sees all.
 */
export class WindowSession {
  readonly archives: OpenArchives
  readonly #desk: Desk
  readonly #shell: ShellApi
  readonly #send: (source: 'engine' | 'shell', name: string, args: readonly unknown[]) => void
  readonly #subscriptions: readonly (() => void)[]
  readonly #closeListeners: (() => void)[] = []
  /** Events for a page that is still being loaded: with its first call it shows that it listens. Undefined from then on. */
  #early: (() => void)[] | undefined = []
  #isClosed = false

  /** @param partOf what the shell does for this window by itself */
  constructor(channel: Channel, desk: Desk, partOf: (session: WindowSession) => ShellPart) {
    this.#desk = desk
    this.archives = new OpenArchives(desk.host)
    this.#shell = windowShell(desk, partOf(this))
    const remote = createBirpc<Events, Calls>(
      { call: (target, name, args) => this.#answer(target, name, args) },
      {
        post: (message) => channel.post(message),
        on: (listener) => {
          channel.on((message) => this.#receive(message, listener))
        },
        timeout: -1,
        // An answer that cannot be sent any more: the window is gone, and the channel says so by itself.
        onGeneralError: () => true,
      },
    )
    const send = (...event: Parameters<Events['event']>): void =>
      void remote.$callEvent('event', ...event).catch(() => undefined)
    this.#send = (...event) => {
      if (this.#early === undefined) send(...event)
      else this.#early.push(() => send(...event))
    }
    const engineEvent =
      (name: 'jobChanged' | 'problem' | 'question') =>
      (...args: unknown[]): void =>
        this.#send('engine', name, args)
    const question = engineEvent('question')
    this.#subscriptions = [
      desk.host.subscribe({
        jobChanged: engineEvent('jobChanged'),
        problem: engineEvent('problem'),
        question,
        engineRestarted: () => {
          this.archives.forgetAll()
          this.tell('engineRestarted')
        },
      }),
      desk.settings.onChange((settings) => this.tell('settingsChanged', settings)),
    ]
    channel.onClose(() => this.close())
    desk.host.tellOpenQuestions({ question })
  }

  /** Tells the window something. */
  tell<Name extends keyof ShellEvents>(name: Name, ...args: Parameters<ShellEvents[Name]>): void {
    if (!this.#isClosed) this.#send('shell', name, args)
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  /** The window is gone: its archives are closed, its jobs go on. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    void this.archives.closeAll()
    for (const listener of this.#closeListeners) listener()
  }

  /** What is no call at all is dropped: nobody who sends it waits for an answer in our form. */
  #receive(message: unknown, listener: (message: unknown) => unknown): void {
    const parsed = v.safeParse(messageSchema, message)
    if (!parsed.success || this.#isClosed) return
    const early = this.#early ?? []
    this.#early = undefined
    for (const tell of early) tell()
    listener(parsed.output)
  }

  async #answer(target: 'engine' | 'shell', name: string, args: readonly unknown[]): Promise<Answer> {
    try {
      return { value: await (target === 'engine' ? this.#callEngine(name, args) : this.#callShell(name, args)) }
    } catch (thrown) {
      return { error: toLmzError(thrown, 'The call failed').toData() }
    }
  }

  /** A job about an archive that this window has open needs no password of its own. */
  #submit(job: JobRequest, given: JobSecrets | undefined): Promise<number> {
    const known = job.archive === undefined || job.verb === 'create' ? undefined : this.archives.passwordOf(job.archive)
    const password = given?.password ?? known
    const secrets = { ...given, ...(password === undefined ? {} : { password }) }
    return this.#desk.host.submit(job, Object.keys(secrets).length === 0 ? undefined : secrets)
  }

  #callShell(name: string, args: readonly unknown[]): unknown {
    if (!isShellCall(name)) throw new LmzError('Usage', 'There is no such call.')
    const checked = checkedShellArguments(name, args)
    return (this.#shell[name] as (...args: unknown[]) => unknown)(...checked)
  }

  #callEngine(name: string, args: readonly unknown[]): unknown {
    if (!isEngineCall(name)) throw new LmzError('Usage', 'There is no such call.')
    const checked = checkedArguments(name, args)
    const { host } = this.#desk
    const [first, second] = checked
    switch (name) {
      case 'submit':
        return this.#submit(checkedJob(first), second as JobSecrets | undefined)
      case 'cancel':
      case 'pause':
      case 'resume':
        return host[name](first as number)
      case 'answer':
        return host.answer(first as number, second as OverwriteAnswer)
      case 'jobs':
        return host.jobs()
      case 'useThreads':
      case 'tidyUp':
        throw new LmzError('Usage', 'That is the business of the shell.')
      case 'openArchive':
        return this.archives.open(checkedPath(first), (second ?? undefined) as string | undefined)
      case 'closeArchive':
        return this.archives.close(first as number)
      default:
        return this.archives.call(name, first as number, ...checked.slice(1))
    }
  }
}

function isEngineCall(name: string): name is CallName {
  return (callNames as readonly string[]).includes(name)
}

function checkedPath(path: unknown): string {
  const parsed = v.safeParse(absolutePath, path)
  if (!parsed.success) throw new LmzError('Usage', `Not a path of this computer: ${v.summarize(parsed.issues)}`)
  return parsed.output
}

/** A job as its own schema has it, all of whose paths mean the same in every process. */
function checkedJob(request: unknown): JobRequest {
  const parsed = v.safeParse(jobRequestSchema, request)
  if (!parsed.success) throw new LmzError('Usage', `Not a job: ${v.summarize(parsed.issues)}`)
  const job = parsed.output
  const paths = [
    job.archive,
    ...('paths' in job ? job.paths : []),
    ...('destination' in job ? [job.destination] : []),
    ...('target' in job ? [job.target] : []),
  ]
  for (const path of paths) if (path !== undefined) checkedPath(path)
  return job
}
