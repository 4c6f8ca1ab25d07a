import { t } from '../i18n/text.svelte'
import type { MenuLine } from '../ui/menu-item'
import type { ArchiveActions } from './archive-actions.svelte'
import type { ArchiveModel } from './archive-model.svelte'
import { withCommand } from './view-keys'

/** The context menu: what can be done with what is selected, or with the archive if nothing is. */
export function entryMenu(model: ArchiveModel, actions: ArchiveActions): readonly MenuLine[] {
  const count = model.list?.selectedCount ?? 0
  const only = model.list?.onlySelected
  if (count === 0) {
    return [
      { label: t('archive:action.add'), icon: 'add', onselect: () => void actions.add() },
      { label: t('archive:action.extractAll'), icon: 'extract', onselect: () => void actions.extract('all') },
      'separator',
      { label: t('archive:action.verify'), icon: 'verify', onselect: () => void actions.verify() },
      {
        label: t('archive:action.info'),
        icon: 'info',
        keys: withCommand('I'),
        onselect: () => (actions.asked = { kind: 'info' }),
      },
    ]
  }
  const lines: MenuLine[] = []
  if (only !== undefined) {
    const isFile = only.kind === 'file' || only.kind === 'hardLink'
    if (isFile) {
      lines.push({
        label: t('archive:action.openFile'),
        icon: 'reveal',
        onselect: () => void actions.openFile(only, false),
      })
    } else if (only.kind === 'directory') {
      lines.push({
        label: t('archive:action.openFolder'),
        icon: 'folder-open',
        onselect: () => void actions.open(only),
      })
    }
    if (model.listIsFound) {
      lines.push({ label: t('archive:action.goTo'), icon: 'folder', onselect: () => void model.goTo(only) })
    }
  }
  lines.push(
    {
      label: t('archive:action.extractSelected', { count }),
      icon: 'extract',
      keys: withCommand('E'),
      onselect: () => void actions.extract('selected'),
    },
    { label: t('archive:action.copyPaths', { count }), icon: 'copy', onselect: () => void actions.copyPaths() },
    'separator',
    {
      label: t('archive:action.rename'),
      icon: 'rename',
      keys: 'F2',
      isDisabled: only === undefined,
      onselect: () => actions.askRename(),
    },
    {
      label: t('archive:action.remove', { count }),
      icon: 'delete',
      keys: t('archive:keys.delete'),
      isDanger: true,
      onselect: () => void actions.askRemove(),
    },
  )
  return lines
}
