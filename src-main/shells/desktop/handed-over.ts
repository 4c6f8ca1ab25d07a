import { app } from 'electron'
import * as v from 'valibot'
import { pathsAmong } from './program-arguments'

/** What a second start tells the first one; its own command line, before Chromium has reordered it. */
const secondStartSchema = v.object({ paths: v.array(v.pipe(v.string(), v.nonEmpty())) })

/**
 * Takes in the paths that the system hands to the app, on whichever way: on the command line, by a second start, on macOS by an
 * event that comes before the app is ready. They wait here until somebody is there to open them.
 */
export class HandedOver {
  readonly #own: readonly string[]
  #waiting: (readonly string[])[] = []
  #open: ((paths: readonly string[]) => void) | undefined

  constructor(commandLine: readonly string[] = process.argv, folder: string = process.cwd()) {
    // Started as `electron path/of/the/app`, the second word is no file of the user.
    this.#own = pathsAmong(commandLine.slice(process.defaultApp ? 2 : 1), folder)
    app.on('open-file', (event, path) => {
      event.preventDefault()
      this.#take([path])
    })
    app.on('second-instance', (_event, given, folderOfOther, told) => {
      const parsed = v.safeParse(secondStartSchema, told)
      this.#take(parsed.success ? parsed.output.paths : pathsAmong(given.slice(1), folderOfOther))
    })
  }

  /** Whether this is the one app that runs; another one has been told what was asked of this. */
  isFirst(): boolean {
    return app.requestSingleInstanceLock({ paths: [...this.#own] })
  }

  /** Opens what has been waiting, in one go, and from now on what comes. Without paths, a window to start with is wanted. */
  openWith(open: (paths: readonly string[]) => void): void {
    const waiting = [...this.#own, ...this.#waiting.flat()]
    this.#waiting = []
    this.#open = open
    open(waiting)
  }

  #take(paths: readonly string[]): void {
    if (this.#open === undefined) this.#waiting.push(paths)
    else this.#open(paths)
  }
}
