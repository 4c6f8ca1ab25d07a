import { StringDecoder } from 'node:string_decoder'
import { LmzError } from '../../contract/error'

/** Whether somebody can be asked. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/**
 * Asks for a line at the terminal that does not appear on the screen.
 * @throws LmzError `Cancelled` by Ctrl-C or Ctrl-D, and when the job is broken off
 */
export function askSecret(prompt: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process
  const decoder = new StringDecoder('utf8')
  let typed: string[] = []
  return new Promise((resolve, reject) => {
    const end = (): void => {
      stdin.off('data', read)
      signal.removeEventListener('abort', cancel)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const cancel = (): void => {
      end()
      reject(new LmzError('Cancelled', 'Cancelled. Nothing was changed.'))
    }
    const read = (bytes: Buffer): void => {
      for (const key of decoder.write(bytes)) {
        if (key === '\r' || key === '\n') {
          end()
          resolve(typed.join(''))
          return
        }
        if (key === ctrl('C') || key === ctrl('D')) {
          cancel()
          return
        }
        if (key === '\u007f' || key === '\b') typed.pop()
        else if (key === ctrl('U')) typed = []
        else if (key >= ' ') typed.push(key)
      }
    }
    // Before anybody knows that they are asked: what is typed a moment later would be shown.
    stdin.setRawMode(true)
    stderr.write(prompt)
    if (signal.aborted) {
      cancel()
      return
    }
    signal.addEventListener('abort', cancel)
    stdin.on('data', read)
    stdin.resume()
  })
}

/** The character that a key gives with Ctrl. */
function ctrl(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) - 64)
}
