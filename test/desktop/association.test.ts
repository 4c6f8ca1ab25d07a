import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { lmzProgram } from '../support/lmz-process'
import { suiteFolder } from '../support/suite-folder'

/*
 * The type and the program are installed as a package would do it, but into a home of their own; then the system's own tools are
 * asked what a .lmz is and what opens it.
 */

const parts = join(import.meta.dirname, '../../build')
const tools = ['xdg-mime', 'gio', 'update-mime-database', 'update-desktop-database', 'desktop-file-validate']
const missing = tools.filter((tool) => spawnSync('which', [tool]).status !== 0)
const suffix = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} not installed)`

describe.skipIf(missing.length > 0)(`a .lmz on a Linux desktop${suffix}`, () => {
  const home = suiteFolder()
  const data = join(home, '.local/share')
  const programs = join(home, 'bin')
  const started = join(home, 'started-with')
  const archive = join(home, 'an archive.lmz')
  const withoutEnding = join(home, 'no ending')
  const textFile = join(home, 'words.txt')
  const environment = {
    HOME: home,
    PATH: `${programs}:${process.env['PATH'] ?? ''}`,
    XDG_DATA_HOME: data,
    // The system's own types as well: recognising a .lmz must hold against all of them.
    XDG_DATA_DIRS: '/usr/local/share:/usr/share',
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    LANG: 'C.UTF-8',
  }

  function ask(program: string, ...parameters: readonly string[]): string {
    return execFileSync(program, parameters, { env: environment, cwd: home, encoding: 'utf8' })
  }

  beforeAll(() => {
    for (const folder of [programs, join(data, 'mime/packages'), join(data, 'applications'), join(home, '.config')]) {
      mkdirSync(folder, { recursive: true })
    }
    copyFileSync(join(parts, 'linux/lmz.xml'), join(data, 'mime/packages/lmz.xml'))
    copyFileSync(join(parts, 'linux/lmz.desktop'), join(data, 'applications/lmz.desktop'))
    for (const [kind, name] of [
      ['apps', 'lmz'],
      ['mimetypes', 'application-x-lmz'],
    ] as const) {
      const folder = join(data, 'icons/hicolor/48x48', kind)
      mkdirSync(folder, { recursive: true })
      copyFileSync(join(parts, 'icons', kind === 'apps' ? 'app' : 'document', '48x48.png'), join(folder, `${name}.png`))
    }
    writeFileSync(
      join(programs, 'lmz'),
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${started}.new' && mv '${started}.new' '${started}'\n`,
    )
    chmodSync(join(programs, 'lmz'), 0o755)
    execFileSync('update-mime-database', [join(data, 'mime')], { env: environment, stdio: 'pipe' })
    execFileSync('update-desktop-database', [join(data, 'applications')], { env: environment })

    writeFileSync(textFile, 'words\n')
    execFileSync(process.execPath, [lmzProgram, 'create', archive, textFile], { stdio: 'pipe' })
    copyFileSync(archive, withoutEnding)
  })

  test('the desktop file is a valid one', () => {
    expect(ask('desktop-file-validate', join(data, 'applications/lmz.desktop'))).toBe('')
  })

  test('an archive is known by its name, and by its content when it has lost the name', () => {
    for (const path of [archive, withoutEnding]) {
      expect(ask('xdg-mime', 'query', 'filetype', path).trim()).toBe('application/x-lmz')
      expect(ask('gio', 'info', '-a', 'standard::content-type', path)).toContain('application/x-lmz')
    }
    expect(ask('xdg-mime', 'query', 'filetype', textFile).trim()).toBe('text/plain')
  })

  test('it is shown with its own icon', () => {
    const icons = ask('gio', 'info', '-a', 'standard::icon', archive)
    expect(icons).toContain('application-x-lmz')
    expect(existsSync(join(data, 'icons/hicolor/48x48/mimetypes/application-x-lmz.png'))).toBe(true)
  })

  test('lmz is what opens it', () => {
    ask('xdg-mime', 'default', 'lmz.desktop', 'application/x-lmz')
    expect(ask('xdg-mime', 'query', 'default', 'application/x-lmz').trim()).toBe('lmz.desktop')
    expect(ask('gio', 'mime', 'application/x-lmz')).toContain('lmz.desktop')
  })

  test('opening it starts lmz with its path, whatever is in the name', async () => {
    ask('gio', 'open', withoutEnding)
    await expect.poll(() => existsSync(started)).toBe(true)
    expect(readFileSync(started, 'utf8')).toBe(`${withoutEnding}\n`)
  })
})
