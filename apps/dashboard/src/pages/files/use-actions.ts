import type { FolderView } from '@causeway/protocol'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ActionId } from './actions.ts'
import { pageAddress } from './addresses.ts'
import { copyText, download, removeAsked } from './file-actions.ts'
import type { Dialog } from './file-dialogs.tsx'
import { onlyOne, type Meant } from './meant.ts'
import type { Row } from './row.ts'

/** Does what was chosen in a menu, the bar or the panel; what needs an answer first is asked in a dialog. */
export function useActions(props: { readonly folder: FolderView; open(row: Row): void; showHistory(row: Row): void }): {
  readonly dialog: Dialog | null
  ask(dialog: Dialog | null): void
  act(id: ActionId, meant: Meant): void
} {
  const { folder, open, showHistory } = props
  const [dialog, ask] = useState<Dialog | null>(null)
  const navigate = useNavigate()

  function actOnOne(id: ActionId, row: Row): void {
    if (id === 'open') open(row)
    else if (id === 'rename') ask({ kind: 'rename', row })
    else if (id === 'history') showHistory(row)
    else if (id === 'copy-link') {
      void copyText(new URL(pageAddress(folder.id, row), window.location.href).href, 'Link')
    } else if (id === 'events') {
      void navigate({ to: '/clocks', search: { folder: folder.id, path: row.path } })
    }
  }

  return {
    dialog,
    ask,
    act(id, meant) {
      if (id === 'download') return download(folder.id, meant)
      if (id === 'delete') return void removeAsked(folder.id, meant)
      if (id === 'move') return ask({ kind: 'move', meant })
      if (id === 'copy-path' && meant.kind === 'rows') {
        const paths = meant.rows.map(({ path }) => path)
        return void copyText(paths.join('\n'), paths.length === 1 ? 'Path' : 'Paths')
      }
      const one = onlyOne(meant)
      if (one !== undefined) actOnOne(id, one)
    },
  }
}
