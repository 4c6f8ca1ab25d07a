import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { program } from '../e2e/cli-process'
import { temporaryFolder } from '../support/temporary'

/** Only root can be several users, and only Linux tells whose a connection is. */
const canBeSeveral = process.platform === 'linux' && process.getuid?.() === 0
const owner = 65_534
const other = 65_533

function asUser(uid: number, home: string, parameters: readonly string[]) {
  const child = spawn(process.execPath, parameters, {
    cwd: home,
    uid,
    gid: uid,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function statusFor(uid: number, home: string, address: string): Promise<string> {
  const code = `fetch(${JSON.stringify(address)}, { redirect: 'manual' }).then(({ status }) => status, () => 'refused').then((got) => process.stdout.write(String(got)))`
  return text(asUser(uid, home, ['--eval', code]).stdout)
}

describe.skipIf(!canBeSeveral)('on a computer with several users', () => {
  test('an address is of no use to another user, who may have read it in the list of processes', async () => {
    const home = temporaryFolder()
    chmodSync(home, 0o777)
    const server = asUser(owner, home, [program, 'serve', '--no-browser'])
    const [printed] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string]
    const address = printed.trim()
    expect(await statusFor(other, home, address)).toBe('refused')
    // The token has not been used up by that.
    expect(await statusFor(owner, home, address)).toBe('303')
    server.kill('SIGTERM')
    await once(server, 'close')
  })
})
