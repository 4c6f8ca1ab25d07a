/**
 * node test/format/golden/make-encrypted.mjs <name>: makes the golden encrypted archive <name>-letters.lmz and says in <name>.json what it holds,
 * with its passwords. Made once and never again, as the others; to be run when out/ is built.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

const [name] = process.argv.slice(2)
if (name === undefined) throw new Error('Say which name the archive gets, such as encrypted-1.')
const here = import.meta.dirname
const lmz = resolve(here, '../../../out/lmz')
if (existsSync(join(here, `${name}.json`))) throw new Error(`${name} has been made already, and is never made again.`)

const passwords = ['Grüße aus dem Leuchtturm', 'correct horse battery staple', 'third and last']
const folder = mkdtempSync(join(tmpdir(), 'lmz-golden-'))
const tree = join(folder, 'letters')
mkdirSync(tree)
const word = ['keeper', 'lamp', 'harbour', 'ship', 'tide', 'wind', 'glass', 'stone']
const text = (count) => Array.from({ length: count }, (_none, at) => word[(at * at + 3 * at) % 8]).join(' ') + '\n'
const noise = Buffer.alloc(90_000)
for (let at = 0, state = 7; at < noise.length; at++) noise[at] = (state = (state * 48_271) % 2_147_483_647) & 255
const files = {
  'monday.txt': text(9000),
  'tuesday.txt': text(500),
  'noise.bin': noise,
  empty: '',
  'späte Post.txt': 'added later\n',
}
const holds = {}
const write = (file) => {
  writeFileSync(join(tree, file), files[file])
  chmodSync(join(tree, file), 0o640)
  utimesSync(join(tree, file), 1_600_000_000, 1_600_000_000)
  const { size, mtimeMs } = statSync(join(tree, file))
  const sha256 = createHash('sha256')
    .update(readFileSync(join(tree, file)))
    .digest('hex')
  holds[file] = { mode: 0o640, size, mtime: mtimeMs / 1000, sha256 }
}
try {
  passwords.forEach((password, at) => writeFileSync(join(folder, `password-${at}`), password))
  const run = (...parameters) => execFileSync(lmz, parameters, { cwd: folder, stdio: 'inherit' })
  const archive = join(here, `${name}-letters.lmz`)
  const [first, second, third] = ['password-0', 'password-1', 'password-2']
  const late = 'späte Post.txt'
  for (const file of Object.keys(files)) if (file !== late) write(file)
  run('create', archive, 'letters', '--password-file', first, '--block-size', '64KiB', '--preset', 'fast')
  run('password', archive, 'add', '--password-file', first, '--new-password-file', second)
  write(late)
  run('add', archive, join('letters', late), '--into', 'letters', '--password-file', second)
  run('password', archive, 'change', '--password-file', first, '--new-password-file', third)
  const record = { letters: { root: 'letters', passwords: passwords.slice(1), oldPassword: passwords[0], holds } }
  writeFileSync(join(here, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
