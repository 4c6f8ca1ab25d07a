import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addToArchive } from '../../../src-main/archive/add'
import { createArchive } from '../../../src-main/archive/create'
import { footerLength } from '../../../src-main/format/footer'
import { craftArchive } from '../../support/crafted-archive'
import { password, stretchCost } from '../../support/encrypted-archive'
import { temporaryFolder } from '../../support/temporary'
import { picture, project, prose, writeFiles } from './sample-files'

/** A name that fits nowhere. */
export const longName = `${'Long archive name '.repeat(8)}.lmz`

/** A table of open points. */
export function table(): string {
  return Array.from({ length: 900 }, (_, at) => `${at},${(at * 7919) % 1000},open\n`).join('')
}

/** A home as somebody has it who works with archives: a project, a damaged one, one with long names. */
export async function sampleHome(): Promise<string> {
  const home = temporaryFolder()
  const source = writeFiles(join(home, 'Project'), {
    ...project(),
    'logo.png': picture(320, 200),
    'reports/2024/summary.md': prose(9000, 4),
    'reports/2025/draft.md': prose(70_000, 5),
    'reports/2025/tables.csv': table(),
  })
  await createArchive(join(home, 'Project.lmz'), [source], { preset: 'balanced', comment: 'As handed over in May' })
  writeFiles(home, { 'later/more.txt': prose(5000, 9) })
  await addToArchive(join(home, 'Project.lmz'), [join(home, 'later')])
  const { bytes } = craftArchive({
    blocks: [
      { files: { 'letter.txt': Buffer.from(prose(2000)), 'plan.txt': Buffer.from(prose(900, 2)) } },
      { files: { 'photo.raw': Buffer.alloc(6000, 'photo') }, stored: Buffer.alloc(6000) },
    ],
  })
  writeFileSync(join(home, 'Damaged.lmz'), bytes)
  writeFileSync(join(home, 'Not an archive.lmz'), picture(4, 4))
  await createArchive(join(home, 'Secret.lmz'), [source], { preset: 'fast', password, stretchCost })
  await createArchive(join(home, 'Older.lmz'), [source], { preset: 'fast' })
  await addToArchive(join(home, 'Older.lmz'), [join(home, 'later')])
  const older = readFileSync(join(home, 'Older.lmz'))
  // The list of files of the newest state.
  older.fill(0x55, older.length - footerLength - 300, older.length - footerLength - 200)
  writeFileSync(join(home, 'Older.lmz'), older)
  const names = [
    '<img src=x onerror=alert(1)>',
    'שלום עולם – תמונות מהחופשה.jpeg',
    '\u202egnp.exe.txt',
    `${'A very long name that goes on and on '.repeat(5)}.pdf`,
    '日本語のとても長い名前のファイル、これは一覧に収まりきらないはずです、もっと長く長く長く長く.txt',
    'tab\tand\nnewline.txt',
    'no-break-anywhere-'.repeat(10),
  ]
  const files = Object.fromEntries(names.map((name) => [name, Buffer.from(prose(300))]))
  writeFileSync(join(home, longName), craftArchive({ blocks: [{ files }] }).bytes)
  writeFiles(home, { 'out/notes.txt': 'there already' })
  return home
}
