import { Button, CloseButton, Group, Text, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { FolderView } from '@causeway/protocol'
import { Suspense, useDeferredValue, useEffect, useRef, useState, type DragEvent } from 'react'
import { isTyping } from '../../app/shortcuts.ts'
import { useAction } from '../../data/use-action.ts'
import { bytes, count, plural } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { givenByDrop } from '../../upload/given.ts'
import { startUploads } from '../../upload/start-uploads.ts'
import { Crumbs } from './crumbs.tsx'
import { draggedPaths, hasFiles } from './dragging.ts'
import { download, makeDirectory, moveInto, removeAsked, rename } from './file-actions.ts'
import { FileList } from './file-list.tsx'
import { joinPath, parentOf } from './paths.ts'
import type { Row } from './row.ts'
import { NOTHING_CHOSEN, none, targets, type Selection } from './selection.ts'
import { useShownRows } from './use-shown-rows.ts'
import type { Place } from './use-place.ts'
import look from './files.module.css'
import { lazyPart } from '../../parts/lazy-part.tsx'

const NameDialog = lazyPart('The dialog for the name', async () => (await import('./name-dialog.tsx')).NameDialog)
const MoveDialog = lazyPart('The dialog for moving', async () => (await import('./move-dialog.tsx')).MoveDialog)
const DirectoryTree = lazyPart(
  'The tree of directories',
  async () => (await import('./directory-tree.tsx')).DirectoryTree,
)
const DirectoryDrawer = lazyPart(
  'The tree of directories',
  async () => (await import('./directory-drawer.tsx')).DirectoryDrawer,
)
const UploadDialog = lazyPart(
  'The dialog for uploads',
  async () => (await import('../../upload/upload-dialog.tsx')).UploadDialog,
)

type Dialog =
  | { readonly kind: 'upload' | 'new-directory' | 'directories' }
  | { readonly kind: 'rename'; readonly row: Row }
  | { readonly kind: 'move'; readonly rows: readonly Row[] }

/** One directory of a folder, or what a search found in the folder. */
export function Browser({ folder, place }: { readonly folder: FolderView; readonly place: Place }) {
  const { path } = place
  const [typed, setTyped] = useState('')
  const search = useDeferredValue(typed.trim())
  const shown = useShownRows(folder.id, path, search)
  const [selection, setSelection] = useState<Selection>(NOTHING_CHOSEN)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const [dropping, setDropping] = useState(false)
  const [takesFocus, setTakesFocus] = useState(false)
  const [cameFrom, setCameFrom] = useState<string | null>(null)
  const searchField = useSearchKey()
  const wide = useMediaQuery('(min-width: 1100px)', false, { getInitialValueInEffect: false })
  const meant = targets(selection, shown.rows)
  const create = useAction('make the directory', (name: string) => makeDirectory(folder.id, joinPath(path, name)))
  const renaming = useAction('rename it', (row: Row, name: string) => rename(folder.id, row, name))

  function open(row: Row): void {
    if (row.kind === 'directory') goTo(row.path)
    else place.go({ folder: folder.id, entry: row.id })
  }

  function goTo(directory: string, takesFocusThere = true): void {
    setTyped('')
    setSelection(NOTHING_CHOSEN)
    setCameFrom(parentOf(path) === directory ? path : null)
    setTakesFocus(takesFocusThere)
    place.go({ folder: folder.id, path: directory, entry: undefined })
  }

  async function dropped(event: DragEvent, directory: string): Promise<void> {
    event.preventDefault()
    setDropping(false)
    const paths = draggedPaths(event)
    if (paths !== null) return moveInto(folder.id, paths, directory)
    await startUploads(folder.id, directory, givenByDrop(event.dataTransfer))
  }

  const drop = (event: DragEvent, directory: string): void => void dropped(event, directory)
  return (
    <div
      className={look.browser}
      data-dropping={dropping || undefined}
      onDragOver={(event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        setDropping(true)
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return
        setDropping(false)
      }}
      onDrop={(event) => drop(event, path)}
    >
      <div className={look.bar}>
        <Crumbs name={folder.name} path={path} go={goTo} drop={drop} />
        {!wide && (
          <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'directories' })}>
            Directories
          </Button>
        )}
        <TextInput
          ref={searchField}
          size="xs"
          className={look.search}
          aria-label="Search files by name"
          placeholder="Search by name  /"
          value={typed}
          onFocus={() => setTakesFocus(false)}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setTyped('')
          }}
          rightSection={
            typed !== '' && <CloseButton size="xs" aria-label="Clear the search" onClick={() => setTyped('')} />
          }
        />
        <Group gap="xs" wrap="nowrap">
          <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'new-directory' })}>
            New directory
          </Button>
          <Button size="xs" onClick={() => setDialog({ kind: 'upload' })}>
            Upload
          </Button>
        </Group>
      </div>
      <div className={look.columns}>
        {wide && (
          <section className={look.pane} aria-labelledby="directories-title">
            <h3 id="directories-title">Directories</h3>
            <div>
              <Suspense>
                <DirectoryTree folder={folder} current={path} go={(directory) => goTo(directory, false)} drop={drop} />
              </Suspense>
            </div>
          </section>
        )}
        <div className={look.narrowing}>
          <div className={look.status}>
            {selection.chosen.size === 0 ? (
              <Text size="sm" c="dimmed" role="status">
                {dropping ? 'Let go to upload here' : countWords(shown, search)}
              </Text>
            ) : (
              <>
                <Text size="sm" role="status" className={look.chosen}>
                  {chosenWords(meant)}
                </Text>
                <Group gap={4} wrap="nowrap" role="toolbar" aria-label="What to do with what is selected">
                  <Button size="compact-sm" variant="subtle" onClick={() => download(folder.id, meant)}>
                    Download
                  </Button>
                  {meant.length === 1 && meant[0] !== undefined && (
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      onClick={() => meant[0] !== undefined && setDialog({ kind: 'rename', row: meant[0] })}
                    >
                      Rename
                    </Button>
                  )}
                  <Button size="compact-sm" variant="subtle" onClick={() => setDialog({ kind: 'move', rows: meant })}>
                    Move
                  </Button>
                  {meant.length === 1 && meant[0] !== undefined && (
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      onClick={() => place.go({ folder: folder.id, entry: meant[0]?.id })}
                    >
                      History
                    </Button>
                  )}
                  <Button size="compact-sm" variant="subtle" color="red" onClick={() => removeAsked(folder.id, meant)}>
                    Delete
                  </Button>
                  <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setSelection(none)}>
                    Clear
                  </Button>
                </Group>
              </>
            )}
          </div>
          <FileList
            // Another directory is another list: it begins at its top.
            key={search === '' ? `in ${path}` : 'found'}
            folder={folder.id}
            shown={shown}
            search={search}
            takesFocus={takesFocus}
            cameFrom={cameFrom}
            selection={selection}
            select={setSelection}
            open={open}
            drop={drop}
            act={{
              up: () => path !== '' && search === '' && goTo(parentOf(path)),
              rename: () =>
                meant.length === 1 && meant[0] !== undefined && setDialog({ kind: 'rename', row: meant[0] }),
              remove: () => meant.length > 0 && removeAsked(folder.id, meant),
            }}
            goUp={path === '' ? undefined : () => goTo(parentOf(path))}
            upload={() => setDialog({ kind: 'upload' })}
          />
        </div>
      </div>
      <Suspense>
        {dialog?.kind === 'upload' && <UploadDialog folder={folder} into={path} onClose={() => setDialog(null)} />}
        {dialog?.kind === 'directories' && (
          <DirectoryDrawer folder={folder} current={path} go={goTo} onClose={() => setDialog(null)} />
        )}
        {dialog?.kind === 'new-directory' && (
          <NameDialog
            title={`New directory in ${path === '' ? isolated(folder.name) : `“${isolated(path)}”`}`}
            action="Make"
            name=""
            onName={(name) => create.run(name)}
            onClose={() => setDialog(null)}
          />
        )}
        {dialog?.kind === 'rename' && (
          <NameDialog
            title={`Rename “${isolated(dialog.row.name)}”`}
            action="Rename"
            name={dialog.row.name}
            onName={(name) => renaming.run(dialog.row, name)}
            onClose={() => setDialog(null)}
          />
        )}
        {dialog?.kind === 'move' && (
          <MoveDialog
            folder={folder}
            rows={dialog.rows}
            onMove={(directory) =>
              moveInto(
                folder.id,
                dialog.rows.map((row) => row.path),
                directory,
              )
            }
            onClose={() => setDialog(null)}
          />
        )}
      </Suspense>
    </div>
  )
}

function countWords(
  { rows, more, status }: { rows: readonly Row[]; more: boolean; status: string },
  search: string,
): string {
  if (status === 'loading' && rows.length === 0) return search === '' ? 'Reading …' : 'Searching …'
  if (search !== '') return `${more ? 'The first ' : ''}${plural(rows.length, 'file')} with “${search}” in the name`
  const directories = rows.filter(({ kind }) => kind === 'directory').length
  const size = rows.reduce((sum, row) => sum + (row.size ?? 0), 0)
  if (more) return `The first ${count(rows.length)} entries; more as you scroll`
  const parts = [
    ...(directories > 0 ? [plural(directories, 'directory', 'directories')] : []),
    ...(rows.length > directories ? [`${plural(rows.length - directories, 'file')} (${bytes(size)})`] : []),
  ]
  return parts.join(', ')
}

function chosenWords(rows: readonly Row[]): string {
  const size = rows.reduce((sum, row) => sum + (row.size ?? 0), 0)
  return `${count(rows.length)} selected${size > 0 ? ` (${bytes(size)})` : ''}`
}

/** `/` goes to the search. */
function useSearchKey() {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    function pressed(event: KeyboardEvent): void {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('[role=dialog]') !== null) return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
  return field
}
