import { Button, CloseButton, Group, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { FolderView } from '@causeway/protocol'
import { useDeferredValue, useEffect, useRef, useState, type DragEvent } from 'react'
import { Pair, useIsBeside } from '../../parts/detail.tsx'
import { givenByDrop } from '../../upload/dropped-files.ts'
import { startUploads } from '../../upload/start-uploads.ts'
import { Crumbs } from './crumbs.tsx'
import { draggedPaths, hasFiles } from './dragging.ts'
import { useMay } from '../../data/rights.ts'
import { isChange, type ActionId } from './actions.ts'
import { moveInto } from './file-actions.ts'
import { FileDialogs } from './file-dialogs.tsx'
import { FileList } from './file-list.tsx'
import { meantBy, onlyOne, type Meant } from './meant.ts'
import { parentOf } from './paths.ts'
import type { Row } from './row.ts'
import type { At } from './row-menu.tsx'
import { all, none, NOTHING_CHOSEN, only, type Selection } from './selection.ts'
import { SelectionBar } from './selection-bar.tsx'
import { useActions } from './use-actions.ts'
import { PAGE_ENTRIES, type Sorting } from './directory.ts'
import { useSearchKey } from './use-search-key.ts'
import { useShownRows } from './use-shown-rows.ts'
import type { Place } from './use-place.ts'
import look from './files.module.css'
import { lazyPart } from '../../parts/lazy-part.tsx'

const DirectoryTree = lazyPart('The directory tree', async () => (await import('./directory-tree.tsx')).DirectoryTree)
const EntryDetail = lazyPart('The details of the file', async () => (await import('./entry-detail.tsx')).EntryDetail)
const RowMenu = lazyPart('The menu', async () => (await import('./row-menu.tsx')).RowMenu)

/** One directory of a folder, or what a search found in the folder. */
export function Browser({ folder, place }: { readonly folder: FolderView; readonly place: Place }) {
  const { path, sorting } = place
  const sort = (next: Sorting) => place.go({ sorting: next }, false)
  const [typed, setTyped] = useState(place.search)
  const search = useDeferredValue(typed.trim())
  const shown = useShownRows(folder.id, path, search, sorting)
  const [selection, setSelection] = useState<Selection>(() =>
    place.selected === undefined ? NOTHING_CHOSEN : only(place.selected),
  )
  const [menu, setMenu] = useState<{ readonly at: At; readonly meant: Meant } | null>(null)
  const [dropping, setDropping] = useState(false)
  const [takesFocus, setTakesFocus] = useState(false)
  const [cameFrom, setCameFrom] = useState<string | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const searchField = useSearchKey()
  const isBeside = useIsBeside()
  useEffect(() => {
    // Back and links change what is searched; while it is being typed, the field knows best.
    if (document.activeElement !== searchField.current) setTyped(place.search)
  }, [place.search, searchField])
  // Tree, list and panel side by side want more than tree and list.
  const wide = useMediaQuery(`(min-width: ${place.entry === undefined ? 1100 : 1500}px)`, false, {
    getInitialValueInEffect: false,
  })
  const meant = meantBy(selection, shown, path)
  const mayChange = useMay().change(folder.id)
  const actions = useActions({ folder, open, showHistory: (row) => show(row, 'history') })

  function select(change: (now: Selection) => Selection): void {
    const next = change(selection)
    if (next === selection) return
    setSelection(next)
    const one = !next.everything && next.marked.size === 1 ? [...next.marked][0] : undefined
    // The panel shows what is selected in the list beside it.
    const follows = isBeside && place.entry !== undefined && next.cursor !== null && next.cursor !== selection.cursor
    if (one === place.selected && !follows) return
    place.go({ selected: one, ...(follows && { entry: next.cursor ?? undefined }) }, false)
  }

  function show(row: Row, tab?: 'history'): void {
    setSelection(only(row.id))
    place.go({ folder: folder.id, entry: row.id, selected: row.id, tab })
  }

  function open(row: Row): void {
    if (row.kind === 'directory') goTo(row.path)
    else show(row)
  }

  function goTo(directory: string, takesFocusThere = true): void {
    setTyped('')
    setSelection(NOTHING_CHOSEN)
    setCameFrom(parentOf(path) === directory ? path : null)
    setTakesFocus(takesFocusThere)
    place.go({ folder: folder.id, path: directory, entry: undefined, tab: undefined, selected: undefined, search: '' })
  }

  function searchFor(text: string): void {
    setTyped(text)
    place.go({ search: text }, false)
  }

  function backToList(): void {
    list.current?.focus({ preventScroll: true })
  }

  function act(id: ActionId, what: Meant): void {
    if (isChange(id) && !mayChange) return
    if (menu !== null) backToList()
    setMenu(null)
    actions.act(id, what)
  }

  async function dropped(event: DragEvent, directory: string): Promise<void> {
    event.preventDefault()
    setDropping(false)
    if (!mayChange) return
    const paths = draggedPaths(event)
    if (paths !== null) return moveInto(folder.id, paths, directory)
    await startUploads(folder.id, directory, givenByDrop(event.dataTransfer))
  }

  const drop = (event: DragEvent, directory: string): void => void dropped(event, directory)
  const selectAll = (): void => {
    const keys = shown.rows.map(({ id }) => String(id))
    select((now) => all(now, keys, search === '' && (shown.more || keys.length > PAGE_ENTRIES)))
  }
  const at = shown.rows.findIndex(({ id }) => id === place.entry)
  return (
    <div
      className={look.browser}
      data-dropping={dropping || undefined}
      onDragOver={(event) => {
        if (!hasFiles(event) || !mayChange) return
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
          <Button size="xs" variant="default" onClick={() => actions.ask({ kind: 'directories' })}>
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
          onChange={(event) => searchFor(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') searchFor('')
          }}
          rightSection={
            typed !== '' && <CloseButton size="xs" aria-label="Clear the search" onClick={() => searchFor('')} />
          }
        />
        {mayChange && (
          <Group gap="xs" wrap="nowrap">
            <Button size="xs" variant="default" onClick={() => actions.ask({ kind: 'new-directory' })}>
              New directory
            </Button>
            <Button size="xs" onClick={() => actions.ask({ kind: 'upload' })}>
              Upload
            </Button>
          </Group>
        )}
      </div>
      <div className={look.columns}>
        {wide && (
          <section className={look.pane} aria-labelledby="directories-title">
            <h3 id="directories-title">Directories</h3>
            <div>
              <DirectoryTree folder={folder} current={path} go={(directory) => goTo(directory, false)} drop={drop} />
            </div>
          </section>
        )}
        <Pair>
          <div className={look.narrowing}>
            <SelectionBar
              shown={shown}
              search={search}
              dropping={dropping}
              isAnyChosen={selection.everything || selection.marked.size > 0}
              meant={meant}
              mayChange={mayChange}
              sorting={sorting}
              sort={sort}
              act={act}
              selectAll={selectAll}
              clear={() => select(none)}
            />
            <FileList
              // Another directory is another list: it begins at its top.
              key={search === '' ? `in ${path}` : 'found'}
              box={list}
              folder={folder.id}
              shown={shown}
              search={search}
              takesFocus={takesFocus}
              cameFrom={cameFrom}
              selection={selection}
              select={select}
              sorting={sorting}
              sort={sort}
              open={open}
              drop={drop}
              act={{
                up: () => path !== '' && search === '' && goTo(parentOf(path)),
                rename: () => onlyOne(meant) !== undefined && act('rename', meant),
                remove: () => act('delete', meant),
                selectAll,
                close: () => {
                  if (place.entry === undefined) return false
                  place.go({ entry: undefined, tab: undefined })
                  return true
                },
              }}
              openMenu={(at, row) => {
                const isMeant = selection.everything || selection.marked.has(row.id)
                if (!isMeant) select(() => only(row.id))
                setMenu({ at, meant: isMeant ? meant : { kind: 'rows', rows: [row] } })
              }}
              goUp={path === '' ? undefined : () => goTo(parentOf(path))}
              upload={mayChange ? () => actions.ask({ kind: 'upload' }) : undefined}
            />
          </div>
          {place.entry !== undefined && (
            <EntryDetail
              folder={folder}
              entry={place.entry}
              place={place}
              neighbours={{
                before: (at > 0 ? shown.rows[at - 1] : undefined) ?? null,
                behind: (at === -1 ? undefined : shown.rows[at + 1]) ?? null,
              }}
              step={(row) => {
                setSelection(only(row.id))
                place.go({ entry: row.id, selected: row.id }, false)
              }}
              act={act}
              onClose={() => {
                place.go({ entry: undefined, tab: undefined })
                backToList()
              }}
            />
          )}
        </Pair>
      </div>
      {menu !== null && (
        <RowMenu
          {...menu}
          mayChange={mayChange}
          act={act}
          onClose={() => {
            setMenu(null)
            backToList()
          }}
        />
      )}
      <FileDialogs
        folder={folder}
        path={path}
        dialog={actions.dialog}
        goTo={goTo}
        onClose={() => {
          actions.ask(null)
          // The keys go back to where they came from.
          backToList()
        }}
      />
    </div>
  )
}
