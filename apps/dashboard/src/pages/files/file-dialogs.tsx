import type { FolderView } from '@causeway/protocol'
import { lazy, Suspense } from 'react'
import { useAction } from '../../data/use-action.ts'
import { makeDirectory, moveMeant, rename } from './file-actions.ts'
import type { Meant } from './meant.ts'
import { joinPath } from './paths.ts'
import type { Row } from './row.ts'

const NameDialog = lazy(async () => ({ default: (await import('./name-dialog.tsx')).NameDialog }))
const MoveDialog = lazy(async () => ({ default: (await import('./move-dialog.tsx')).MoveDialog }))
const DirectoryDrawer = lazy(async () => ({ default: (await import('./directory-drawer.tsx')).DirectoryDrawer }))
const UploadDialog = lazy(async () => ({ default: (await import('../../upload/upload-dialog.tsx')).UploadDialog }))

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
  const create = useAction('make the directory', (name: string) => makeDirectory(folder.id, joinPath(path, name)))
  const renaming = useAction('rename it', (row: Row, name: string) => rename(folder.id, row, name))
  return (
    <Suspense>
      {dialog?.kind === 'upload' && <UploadDialog folder={folder} into={path} onClose={onClose} />}
      {dialog?.kind === 'directories' && <DirectoryDrawer folder={folder} current={path} go={goTo} onClose={onClose} />}
      {dialog?.kind === 'new-directory' && (
        <NameDialog
          title={`New directory in ${path === '' ? folder.name : `“${path}”`}`}
          action="Make"
          name=""
          onName={(name) => create.run(name)}
          onClose={onClose}
        />
      )}
      {dialog?.kind === 'rename' && (
        <NameDialog
          title={`Rename “${dialog.row.name}”`}
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
    </Suspense>
  )
}
