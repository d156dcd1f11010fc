import type { FolderView } from '@causeway/protocol'
import { useAction } from '../../data/use-action.ts'
import { makeDirectory, moveMeant, rename } from './file-actions.ts'
import type { Meant } from './meant.ts'
import { joinPath } from './paths.ts'
import type { Row } from './row.ts'
import { lazyPart } from '../../parts/lazy-part.tsx'
import { isolated } from '../../parts/isolated.ts'

const NameDialog = lazyPart('The dialog for the name', async () => (await import('./name-dialog.tsx')).NameDialog)
const MoveDialog = lazyPart('The dialog for moving', async () => (await import('./move-dialog.tsx')).MoveDialog)
const DirectoryDrawer = lazyPart(
  'The directory tree',
  async () => (await import('./directory-drawer.tsx')).DirectoryDrawer,
)
const UploadDialog = lazyPart(
  'The dialog for uploads',
  async () => (await import('../../upload/upload-dialog.tsx')).UploadDialog,
)

/** What is asked of a person before something is done. */
export type Dialog =
  | { readonly kind: 'upload' | 'new-directory' | 'directories' }
  | { readonly kind: 'rename'; readonly row: Row }
  | { readonly kind: 'move'; readonly meant: Meant }

export function FileDialogs(props: {
  readonly folder: FolderView
  readonly path: string
  readonly dialog: Dialog | null
  goTo(directory: string): void
  onClose(): void
}) {
  const { folder, path, dialog, goTo, onClose } = props
  const create = useAction('create the directory', (name: string) => makeDirectory(folder.id, joinPath(path, name)))
  const renaming = useAction('rename it', (row: Row, name: string) => rename(folder.id, row, name))
  return (
    <>
      {dialog?.kind === 'upload' && <UploadDialog folder={folder} into={path} onClose={onClose} />}
      {dialog?.kind === 'directories' && <DirectoryDrawer folder={folder} current={path} go={goTo} onClose={onClose} />}
      {dialog?.kind === 'new-directory' && (
        <NameDialog
          title={`New directory in ${path === '' ? isolated(folder.name) : `“${isolated(path)}”`}`}
          action="Create"
          name=""
          onName={(name) => create.run(name)}
          onClose={onClose}
        />
      )}
      {dialog?.kind === 'rename' && (
        <NameDialog
          title={`Rename “${isolated(dialog.row.name)}”`}
          action="Rename"
          name={dialog.row.name}
          onName={(name) => renaming.run(dialog.row, name)}
          onClose={onClose}
        />
      )}
      {dialog?.kind === 'move' && (
        <MoveDialog
          folder={folder}
          meant={dialog.meant}
          onMove={(directory) => moveMeant(folder.id, dialog.meant, directory)}
          onClose={onClose}
        />
      )}
    </>
  )
}
