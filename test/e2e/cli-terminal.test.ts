import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { program } from './cli-process'
import { folderWithArchive, noise, readme } from './cli-tree'

/** util-linux and its `script`, which gives a program a terminal. */
const hasTerminals = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0

interface TerminalOutcome {
  readonly exitCode: number | null
  readonly shown: string
}

/**
 * Runs `lmz` at a terminal.
 * @param answers what is typed, each when the output has its next prompt
 */
async function atTerminal(
  folder: string,
  parameters: readonly string[],
  answers: readonly string[] = [],
): Promise<TerminalOutcome> {
  const quoted = [process.execPath, program, ...parameters].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', quoted, '/dev/null'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  let shown = ''
  let answered = 0
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString()
    const prompts = shown.split('answers for all: ').length - 1
    while (answered < Math.min(prompts, answers.length)) child.stdin.write(answers[answered++]!)
  })
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, shown }
}

async function folderWithConflicts(): Promise<string> {
  const folder = await folderWithArchive()
  mkdirSync(join(folder, 'out', 'a b'), { recursive: true })
  writeFileSync(join(folder, 'out', 'readme.txt'), 'mine')
  writeFileSync(join(folder, 'out', 'noise.bin'), 'mine')
  return folder
}

const conflicts = ['extract', 'photos.lmz', 'photos/readme.txt', 'photos/noise.bin', '-C', 'out', '--no-smart']

describe.skipIf(!hasTerminals)('at a terminal', () => {
  it('shows progress on one line that goes away: users would think it hangs', async () => {
    const folder = await folderWithArchive()
    writeFileSync(join(folder, 'long.bin'), noise(4_000_000))
    const { shown, exitCode } = await atTerminal(folder, ['create', 'long.lmz', 'long.bin'])
    expect(exitCode).toBe(0)
    expect(shown).toMatch(/Looking: 1 entry, 4\.0 MB/)
    expect(shown).toMatch(/[█░]{24} +\d+ % +[\d.]+ [kM]?B?(ytes)? of 4\.0 MB/)
    // What is left on the screen is what follows the last clearing of the line.
    const left = shown.slice(shown.lastIndexOf('\u001b[K') + 3)
    expect(left).toMatch(/^Made long\.lmz: 1 entry, 4\.0 MB in 4\.0 MB \(100\.\d %\)\.\r\n$/)
  })

  it('asks again until it is answered, and for every file: one answer would decide about all', async () => {
    const folder = await folderWithConflicts()
    const { shown, exitCode } = await atTerminal(folder, conflicts, ['what?\r', 's\r', 'r\r'])
    expect(exitCode).toBe(0)
    expect(shown).toMatch(/readme\.txt exists \(4 bytes, [-\d: ]+\); the archive has 1\.5 kB, [-\d: ]+\./)
    const contents = ['readme.txt', 'noise.bin'].map((name) => readFileSync(join(folder, 'out', name)))
    const kept = contents.filter((bytes) => bytes.toString() === 'mine')
    expect(kept).toHaveLength(1)
  })

  it('takes a capital letter as the answer for all', async () => {
    const folder = await folderWithConflicts()
    const { shown } = await atTerminal(folder, conflicts, ['R\r'])
    expect(shown.match(/exists \(/g)).toHaveLength(1)
    expect(readFileSync(join(folder, 'out', 'readme.txt'), 'utf8')).toBe(readme)
    expect(readFileSync(join(folder, 'out', 'noise.bin'))).toHaveLength(200_000)
  })

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('changes nothing when the question is answered by %s', async (_name, key) => {
    const folder = await folderWithConflicts()
    const { shown, exitCode } = await atTerminal(folder, conflicts, [key])
    expect(exitCode).toBe(130)
    expect(shown).toMatch(/\nlmz: Cancelled\. Nothing was changed\.\r\n$/)
    expect(readFileSync(join(folder, 'out', 'readme.txt'), 'utf8')).toBe('mine')
  })
})
