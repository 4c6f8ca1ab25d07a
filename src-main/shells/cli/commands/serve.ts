import { resolve } from 'node:path'
import { builtPage } from '../../web/page-files'
import { WebShell } from '../../web/web-shell'
import { openDesk } from '../../window/desk'
import { startEngineChild } from '../../window/engine-process'
import type { CommandContext } from '../context'

/** The window in a browser of this computer, until it is closed. */
export async function serveCommand(
  { terminal, signal }: CommandContext,
  paths: readonly string[],
  options: { readonly browser: boolean; readonly port: number },
): Promise<void> {
  const desk = openDesk(() => startEngineChild())
  try {
    const shell = await WebShell.open({
      desk,
      page: builtPage(),
      port: options.port,
      openBrowser: options.browser,
      paths: paths.map((path) => resolve(path)),
      onAddress: (address) => {
        terminal.event('address', { address })
        terminal.line(address)
        void terminal.flush()
      },
      onNotice: (notice) => terminal.notice(notice),
    })
    const stop = (): void => void shell.close()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    await shell.finished
    await shell.close()
  } finally {
    await desk.close()
  }
}
