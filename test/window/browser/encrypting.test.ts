import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { stretchCost } from '../../support/encrypted-archive'
import { temporaryFolder } from '../../support/temporary'
import { prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

const password = 'ein Wort und noch eins'

async function homeWithSecret(): Promise<string> {
  const home = temporaryFolder()
  const source = writeFiles(join(home, 'Tagebuch'), { 'montag.txt': prose(3000), 'dienstag.txt': prose(2000, 2) })
  await createArchive(join(home, 'Geheim.lmz'), [source], { password, stretchCost, preset: 'fast' })
  return home
}

function opens(path: string, tried: string): Promise<boolean> {
  return Archive.open(path, undefined, { password: tried }).then(
    (archive) => {
      archive.close()
      return true
    },
    () => false,
  )
}

async function unlock({ dialog }: ServedWindow, tried: string): Promise<void> {
  await dialog.getByLabel('Password').fill(tried)
  await dialog.getByRole('button', { name: 'Open' }).click()
}

describe.skipIf(!hasBrowser)(`encrypted archives${inBrowser}`, () => {
  const openWindow = windows()

  test('are made with a password that is typed twice, and open with it alone', async () => {
    const window = await openWindow({ settings: { preset: 'fast' } })
    const { page, home, dialog } = window
    writeFiles(join(home, 'in'), { 'a.txt': prose(5000) })
    await window.button('New archive…').click()
    await window.pick(join(home, 'in'))
    await dialog.getByText('1 file').first().waitFor()
    await dialog.getByRole('checkbox', { name: 'Encrypt with a password' }).check()
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await dialog.getByText('Type a password.').waitFor()
    expect(await window.violations()).toEqual([])
    await dialog.getByLabel('Password', { exact: true }).fill('kurz')
    await dialog.getByText(/That is short/).waitFor()
    await dialog.getByLabel('Password', { exact: true }).fill(password)
    await dialog.getByText(/Nobody can open the archive without it/).waitFor()
    await dialog.getByLabel('Once more').fill('etwas anderes, das länger ist')
    await dialog.getByText('The two are not the same.').waitFor()
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    expect(readdirSync(home)).not.toContain('in.lmz')
    await dialog.getByLabel('Once more').fill(password)
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await window.told(/in\.lmz is ready/)
    expect(await opens(join(home, 'in.lmz'), password)).toBe(true)
    await expect(Archive.open(join(home, 'in.lmz'))).rejects.toMatchObject({ code: 'Auth' })

    await window.button('Open').click()
    await dialog.getByRole('heading', { name: 'in.lmz is encrypted' }).waitFor()
    await unlock(window, 'falsch')
    await dialog.getByText(/That is not the password/).waitFor()
    expect(await window.violations()).toEqual([])
    await unlock(window, password)
    await window.row('in').waitFor()
    await page.locator('footer').getByText('Encrypted').waitFor()
  })

  test('need their password once a window: what is done in it needs no other, and no trace of it is left', async () => {
    const home = await homeWithSecret()
    const window = await openWindow({ home })
    const { page, dialog } = window
    const archive = join(home, 'Geheim.lmz')
    await window.openArchive(archive)
    await unlock(window, password)
    await window.row('Tagebuch').dblclick()
    await window.row('montag.txt').click()
    await page.locator('.pane pre').first().waitFor()
    await window.choose('More', 'Verify')
    await window.told(/Geheim\.lmz is healthy/)

    await window.choose('More', 'Passwords…')
    expect(await window.violations()).toEqual([])
    // Nothing could be opened without the only one.
    expect(await dialog.getByRole('radio', { name: 'Remove one' }).isDisabled()).toBe(true)
    await dialog.getByLabel('New password').fill('das neue Passwort')
    await dialog.getByLabel('Once more').fill('das neue Passwort')
    await dialog.getByRole('button', { name: 'Change password' }).click()
    await window.told(/opens with the new password/)
    expect([await opens(archive, password), await opens(archive, 'das neue Passwort')]).toEqual([false, true])
    await page.keyboard.press('Control+i')
    await dialog.getByText('Yes, with 1 password').waitFor()
    await page.keyboard.press('Escape')
    // The archive was read again, without being asked for.
    await window.choose('More', 'Compact')
    await window.told(/Geheim\.lmz is compact/)
    await window.row('montag.txt').waitFor()

    await window.choose('More', 'Close the archive')
    await window.openArchive(archive)
    await dialog.getByRole('heading', { name: 'Geheim.lmz is encrypted' }).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Drop files or folders here').waitFor()

    const secrets = [password, 'das neue Passwort']
    expect(secrets.filter((secret) => filesHold(home, secret))).toEqual([])
    const shown = await page.content()
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
  })

  test('have several passwords, each of which can be removed by who knows it, but the last', async () => {
    const home = await homeWithSecret()
    const window = await openWindow({ home })
    const { page, dialog } = window
    const archive = join(home, 'Geheim.lmz')
    const [second, third] = ['das zweite Passwort', 'das dritte Passwort']
    const choose = async (label: RegExp): Promise<void> => {
      await window.choose('More', 'Passwords…')
      await dialog.getByRole('radio', { name: label }).check()
    }
    const add = async (added: string): Promise<void> => {
      await dialog.getByLabel('Password to add').fill(added)
      await dialog.getByLabel('Once more').fill(added)
      await dialog.getByRole('button', { name: 'Add password' }).click()
    }
    const remove = async (removed: string): Promise<void> => {
      await dialog.getByLabel('Password to remove').fill(removed)
      await dialog.getByRole('button', { name: 'Remove password' }).click()
    }
    await window.openArchive(archive)
    await unlock(window, password)
    await window.row('Tagebuch').waitFor()

    await choose(/^Add another/)
    await dialog.getByRole('button', { name: 'Add password' }).click()
    await dialog.getByText('Type a password.').waitFor()
    await add(password)
    await dialog.getByText('The archive opens with this password already.').waitFor()
    expect(await window.violations()).toEqual([])
    await add(second)
    await window.told(/opens with the added password, too/)
    expect([await opens(archive, password), await opens(archive, second)]).toEqual([true, true])

    await choose(/^Remove one/)
    await dialog.getByText('This archive opens with any of 2 passwords').waitFor()
    await remove('keines von ihnen')
    await dialog.getByText(/^That is none of its passwords/).waitFor()
    expect(await window.violations()).toEqual([])
    await remove(second)
    await window.told(/no longer opens with the removed password/)
    expect([await opens(archive, password), await opens(archive, second)]).toEqual([true, false])
    // The window goes on with the password it has.
    await window.row('Tagebuch').dblclick()
    await window.row('montag.txt').waitFor()

    await choose(/^Add another/)
    await add(third)
    await window.told(/opens with the added password, too/)
    await choose(/^Remove one/)
    await remove(password)
    // The one that the window had is gone: it asks for another.
    await dialog.getByRole('heading', { name: 'Geheim.lmz is encrypted' }).waitFor()
    await unlock(window, password)
    await dialog.getByText(/That is not the password/).waitFor()
    await unlock(window, third)
    await window.row('montag.txt').waitFor()
    const secrets = [password, second, third]
    expect(secrets.filter((secret) => filesHold(home, secret))).toEqual([])
    const shown = await page.content()
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
  })
})

/** Whether any file below a folder has these bytes in it. */
function filesHold(folder: string, text: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
    (item) => item.isFile() && readFileSync(join(item.parentPath, item.name)).includes(text),
  )
}
