import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary'
import { lmz, lmzJson, program } from './cli-process'

const hasTerminals = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
const password = 'Fünf Wörter, die nie einer rät'

/** A folder with "letters", a file that has the password in it, and an encrypted archive of the first. */
async function folderWithSecret(): Promise<string> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'letters'))
  writeFileSync(join(folder, 'letters', 'one.txt'), 'Dear reader\n')
  writeFileSync(join(folder, 'pw'), `${password}\n`)
  writeFileSync(join(folder, 'wrong'), 'no')
  const { exitCode } = await lmz(folder, 'create', 'secret.lmz', 'letters', '--password-file', 'pw')
  expect(exitCode).toBe(0)
  return folder
}

const given = ['--password-file', 'pw']

describe('an encrypted archive on the command line', () => {
  it('is read and changed by every verb that is given its password', { timeout: 60_000 }, async () => {
    const folder = await folderWithSecret()
    writeFileSync(join(folder, 'more.txt'), 'more')
    const steps: readonly (readonly string[])[] = [
      ['list', 'secret.lmz', '-r'],
      ['cat', 'secret.lmz', 'letters/one.txt'],
      ['verify', 'secret.lmz'],
      ['info', 'secret.lmz'],
      ['add', 'secret.lmz', 'more.txt'],
      ['rename', 'secret.lmz', 'more.txt', 'most.txt'],
      ['remove', 'secret.lmz', 'most.txt'],
      ['extract', 'secret.lmz', '-C', 'out'],
      ['salvage', 'secret.lmz', 'saved.lmz'],
    ]
    for (const step of steps) {
      const { exitCode, stderr } = await lmz(folder, ...step, ...given)
      expect({ exitCode, stderr }, step.join(' ')).toEqual({ exitCode: 0, stderr: '' })
    }
    expect(readFileSync(join(folder, 'out/letters/one.txt'), 'utf8')).toBe('Dear reader\n')
    expect((await lmz(folder, 'info', 'saved.lmz', ...given)).stdout).toMatch(/Encrypted +yes, opens with 1 password/)
  })

  it.each(['list', 'extract', 'compact'])(
    'is refused without the password, or with a wrong one, and the reason is told: %s',
    async (verb) => {
      const folder = await folderWithSecret()
      const before = readFileSync(join(folder, 'secret.lmz'))
      const without = await lmz(folder, verb, 'secret.lmz')
      expect(without.exitCode).toBe(4)
      expect(without.stderr).toMatch(/^lmz: secret\.lmz is encrypted, and its password is missing\. .*--password-file/)
      const wrong = await lmzJson(folder, verb, 'secret.lmz', '--password-file', 'wrong')
      expect(wrong.exitCode).toBe(4)
      expect(wrong.last).toMatchObject({ event: 'error', code: 'Auth', reason: 'password' })
      expect(readFileSync(join(folder, 'secret.lmz')).equals(before)).toBe(true)
      expect(readdirSync(folder).sort()).toEqual(['letters', 'pw', 'secret.lmz', 'wrong'])
    },
  )

  it('tells damage from a wrong password by its exit code: scripts would try passwords for ever', async () => {
    const folder = await folderWithSecret()
    const bytes = readFileSync(join(folder, 'secret.lmz'))
    bytes.fill(0x11, 64 + 64 + 60, 64 + 64 + 120)
    bytes.fill(0x11, bytes.length - 256 - 160, bytes.length - 256 - 10)
    writeFileSync(join(folder, 'secret.lmz'), bytes)
    const { exitCode, last } = await lmzJson(folder, 'list', 'secret.lmz', ...given)
    expect(exitCode).toBe(3)
    expect(last).toMatchObject({ code: 'Auth', reason: 'damaged' })
  })

  it('takes a password from a variable, and from nowhere twice', async () => {
    const folder = await folderWithSecret()
    process.env['LMZ_TEST_PASSWORD'] = password
    try {
      const fromVariable = await lmz(folder, 'list', 'secret.lmz', '--password-env', 'LMZ_TEST_PASSWORD')
      expect(fromVariable.stdout).toBe('letters/\n')
    } finally {
      delete process.env['LMZ_TEST_PASSWORD']
    }
    for (const wrong of [
      ['--password-env', 'LMZ_NO_SUCH_VARIABLE'],
      ['--password-env', 'HOME', ...given],
    ]) {
      expect((await lmz(folder, 'list', 'secret.lmz', ...wrong)).exitCode).toBe(2)
    }
    writeFileSync(join(folder, 'empty'), '\n')
    expect((await lmz(folder, 'create', 'x.lmz', 'letters', '--password-file', 'empty')).exitCode).toBe(2)
    expect(existsSync(join(folder, 'x.lmz'))).toBe(false)
    // Nobody to ask: an archive that is not encrypted, though it was to be, would be worse than none.
    expect((await lmz(folder, 'create', 'x.lmz', 'letters', '--password')).exitCode).toBe(2)
    expect(existsSync(join(folder, 'x.lmz'))).toBe(false)
  })

  it('lets an encrypted archive be protected and repaired', { timeout: 60_000 }, async () => {
    const folder = await folderWithSecret()
    expect((await lmz(folder, 'protect', 'secret.lmz', ...given)).exitCode).toBe(0)
    expect((await lmz(folder, 'repair', 'secret.lmz', 'copy.lmz')).exitCode).toBe(4)
    expect((await lmz(folder, 'repair', 'secret.lmz', 'copy.lmz', ...given)).exitCode).toBe(0)
    expect((await lmz(folder, 'verify', 'copy.lmz', ...given)).exitCode).toBe(0)
  })

  it('changes, adds and removes passwords', { timeout: 60_000 }, async () => {
    const folder = await folderWithSecret()
    writeFileSync(join(folder, 'new'), 'another')
    const added = await lmz(folder, 'password', 'secret.lmz', 'add', ...given, '--new-password-file', 'new')
    expect(added.stdout).toBe('Added a password: 2 passwords open secret.lmz now.\n')
    expect((await lmz(folder, 'list', 'secret.lmz', '--password-file', 'new')).exitCode).toBe(0)
    const removed = await lmz(folder, 'password', 'secret.lmz', 'remove', ...given)
    expect(removed.stdout).toMatch(
      /^Removed the password: 1 password opens secret\.lmz now\.\n.*until lmz compact\.\n$/,
    )
    expect((await lmz(folder, 'list', 'secret.lmz', ...given)).exitCode).toBe(4)
    const last = await lmz(folder, 'password', 'secret.lmz', 'remove', '--password-file', 'new')
    expect(last.exitCode).toBe(2)
    expect(last.stderr).toMatch(/only password/)
    await lmz(folder, 'create', 'plain.lmz', 'letters')
    const plain = await lmz(folder, 'password', 'plain.lmz', 'change', '--password-file', 'new')
    expect(plain.stderr).toMatch(/plain\.lmz is not encrypted/)
    expect((await lmz(folder, 'password', 'secret.lmz', 'guess')).exitCode).toBe(2)
  })
})

/** Runs `lmz` at a terminal; what is typed goes to the prompts in their order. */
async function atTerminal(folder: string, parameters: readonly string[], answers: readonly string[]) {
  const quoted = [process.execPath, program, ...parameters].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', quoted, '/dev/null'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  let shown = ''
  let answered = 0
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString()
    const prompts = shown.split(/(?:New password|Password of \S+|Once more): /).length - 1
    while (answered < Math.min(prompts, answers.length)) child.stdin.write(answers[answered++]!)
  })
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, shown }
}

describe.skipIf(!hasTerminals)('passwords at a terminal', () => {
  it('are asked for twice when an archive is made, and never shown', { timeout: 60_000 }, async () => {
    const folder = await folderWithSecret()
    const made = await atTerminal(
      folder,
      ['create', 'typed.lmz', 'letters', '--password'],
      ['geheim\r', 'anders\r', 'not this\u0015geheXX\u007f\u007fim\r', 'geheim\r'],
    )
    expect(made.shown).toMatch(/Nobody can open the archive without its password/)
    expect(made.shown).toMatch(/They are not the same\./)
    expect(made.exitCode).toBe(0)
    expect(made.shown).not.toMatch(/geheim|anders|not this/)
    const listed = await atTerminal(folder, ['list', 'typed.lmz'], ['falsch\r', 'geheim\r'])
    expect(listed.shown).toMatch(/That is not it\.\r\nPassword of typed\.lmz: \r\nletters\//)
    expect(listed.exitCode).toBe(0)
  })

  it('are refused after three wrong ones, and Ctrl-C at the prompt changes nothing', { timeout: 60_000 }, async () => {
    const folder = await folderWithSecret()
    const refused = await atTerminal(folder, ['list', 'secret.lmz'], ['a\r', 'b\r', 'c\r'])
    expect(refused.exitCode).toBe(4)
    expect(refused.shown).toMatch(/lmz: That is not the password of secret\.lmz\./)
    const before = readFileSync(join(folder, 'secret.lmz'))
    const stopped = await atTerminal(folder, ['password', 'secret.lmz', 'change'], [`${password}\r`, '\u0003'])
    expect(stopped.exitCode).toBe(130)
    expect(readFileSync(join(folder, 'secret.lmz')).equals(before)).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['letters', 'pw', 'secret.lmz', 'wrong'])
  })
})
