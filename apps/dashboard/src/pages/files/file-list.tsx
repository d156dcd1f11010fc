import { Button, Loader } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { FolderId } from '@causeway/protocol'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, type DragEvent, type KeyboardEvent, type RefObject } from 'react'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import type { Sorting } from './directory.ts'
import { dragPaths } from './dragging.ts'
import { ListRow } from './list-row.tsx'
import type { Row } from './row.ts'
import type { At } from './row-menu.tsx'
import { click, isChosen, keep, none, step, targets, toggle, type Selection } from './selection.ts'
import { COLUMNS, SortHead } from './sort-head.tsx'
import type { ShownDirectory } from './use-directory.ts'
import { useOwnFocus } from './use-own-focus.ts'
import { useStaying } from './use-staying.ts'
import look from './files.module.css'

const ROW_PX = 36
/** The head stays in sight above the rows. */
const HEAD_PX = 32
const NARROW_ROW_PX = 52
const PAGE_ROWS = 12
/** How many rows before the end the next page is asked for. */
const AHEAD_ROWS = 200

/** The rows, however many: only those in sight are drawn. */
export function FileList(props: {
  readonly folder: FolderId
  readonly shown: ShownDirectory
  readonly search: string
  /** Whether the keys go to this list as soon as it is there. */
  readonly takesFocus: boolean
  /** The path of the directory that one came up from: the cursor begins there. */
  readonly cameFrom: string | null
  readonly selection: Selection
  select(change: (now: Selection) => Selection): void
  open(row: Row): void
  drop(event: DragEvent, directory: string): void
  readonly box: RefObject<HTMLDivElement | null>
  readonly sorting: Sorting
  sort(sorting: Sorting): void
  readonly act: { up(): unknown; rename(): unknown; remove(): unknown; selectAll(): void; close(): boolean }
  /** Shows what one can do with a row, or with what is selected where the row is one of that. */
  openMenu(at: At, row: Row): void
  readonly goUp: (() => void) | undefined
  readonly upload: (() => void) | undefined
}) {
  const { box, folder, shown, search, takesFocus, cameFrom, selection, select, open, drop, act, goUp, upload } = props
  const { sorting, sort, openMenu } = props
  const { rows, more, status, error } = shown
  const keys = useMemo(() => rows.map(({ id }) => String(id)), [rows])
  const narrow = useMediaQuery('(max-width: 820px)', false, { getInitialValueInEffect: false })
  const rowPx = narrow ? NARROW_ROW_PX : ROW_PX
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: 16,
    scrollPaddingEnd: narrow ? 0 : HEAD_PX,
  })
  const last = lines.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (more && last > rows.length - AHEAD_ROWS) shown.loadMore()
  }, [more, last, rows.length, shown])
  useEffect(() => lines.measure(), [rowPx, lines])
  useStaying(box, keys, rowPx)
  useForget(keys, status === 'loading', select)
  const focus = useOwnFocus(() => {
    if (selection.cursor !== null) return
    const inSight = Math.ceil((box.current?.scrollTop ?? 0) / rowPx)
    const begin = rows.find(({ path }) => path === cameFrom) ?? rows[inSight]
    if (begin !== undefined) select((now) => ({ ...now, cursor: begin.id, anchor: begin.id }))
  })
  const isThere = rows.length > 0
  useEffect(() => {
    if (isThere && takesFocus) box.current?.focus({ preventScroll: true })
  }, [isThere, takesFocus])

  function move(by: number, shift: boolean): void {
    select((now) => {
      const next = step(now, keys, by, shift)
      const at = next.cursor === null ? -1 : keys.indexOf(next.cursor)
      if (at !== -1) lines.scrollToIndex(at)
      return next
    })
  }

  function openMenuAtCursor(): void {
    const row = rows.find(({ id }) => id === selection.cursor)
    const line = row && document.getElementById(rowId(row.id))?.getBoundingClientRect()
    if (row !== undefined && line !== undefined) openMenu({ x: line.left + 40, y: line.bottom }, row)
  }

  function pressed(event: KeyboardEvent): void {
    const moves = MOVES[event.key]
    const ctrl = event.ctrlKey || event.metaKey
    if (moves !== undefined && !event.altKey && !(ctrl && event.key.length === 1)) move(moves, event.shiftKey)
    else if (event.key === 'Home') move(-rows.length, event.shiftKey)
    else if (event.key === 'End') move(rows.length, event.shiftKey)
    else if (event.key === 'a' && ctrl) act.selectAll()
    else if (event.key === ' ') select((now) => (now.cursor === null ? now : toggle(now, now.cursor)))
    else if (event.key === 'Escape') {
      // First what is selected, then the panel; one that is selected is what the panel shows.
      if (selection.everything || selection.marked.size > 1 || !act.close()) select(none)
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) openMenuAtCursor()
    else if (event.key === 'Enter') {
      const row = rows.find(({ id }) => id === selection.cursor)
      if (row !== undefined) open(row)
    } else if (event.key === 'Backspace') act.up()
    else if (event.key === 'Delete') act.remove()
    else if (event.key === 'F2') act.rename()
    else return
    event.preventDefault()
  }

  if (status === 'failed') {
    return (
      <>
        <ProblemNote title="This directory could not be read" error={error} retry={shown.refresh} />
        {goUp !== undefined && (
          <Button variant="default" size="xs" mt="sm" onClick={goUp}>
            Go to the parent directory
          </Button>
        )}
      </>
    )
  }
  if (status === 'loading' && rows.length === 0) {
    return (
      <div className={look.waiting}>
        <Loader size="sm" aria-label="Reading the directory" />
      </div>
    )
  }
  if (rows.length === 0) return <Nothing search={search} goUp={goUp} upload={upload} />
  return (
    <div
      ref={box}
      className={look.list}
      role="grid"
      aria-label={search === '' ? 'Files' : 'Files found'}
      aria-multiselectable
      aria-rowcount={more ? -1 : rows.length + 1}
      aria-activedescendant={selection.cursor === null ? undefined : rowId(selection.cursor)}
      tabIndex={0}
      onKeyDown={pressed}
      {...focus}
    >
      <div role="row" aria-rowindex={1} className={look.head}>
        <span role="columnheader">
          <span className="only-read">Selected</span>
        </span>
        {COLUMNS.map(({ order, label }) => (
          <SortHead
            key={order}
            order={order}
            label={label}
            // What a search found is in the order it was found in.
            sorting={search === '' ? sorting : null}
            sort={sort}
          />
        ))}
        <span role="columnheader">Not yet on</span>
        <span role="columnheader">
          <span className="only-read">Actions</span>
        </span>
      </div>
      <div role="presentation" style={{ height: lines.getTotalSize(), position: 'relative' }}>
        {lines.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <ListRow
              key={row.id}
              id={rowId(row.id)}
              index={index + 2}
              folder={folder}
              row={row}
              showPath={search !== ''}
              top={start}
              height={rowPx}
              chosen={isChosen(selection, row.id)}
              cursor={selection.cursor === row.id}
              open={() => open(row)}
              openMenu={(at) => openMenu(at, row)}
              toggle={() => select((now) => toggle(now, row.id))}
              click={(held) => select((now) => click(now, keys, row.id, held))}
              dragStart={(event) => {
                const dragged = selection.marked.has(row.id) && !selection.everything ? targets(selection, rows) : [row]
                dragPaths(
                  event,
                  dragged.map(({ path }) => path),
                )
              }}
              drop={row.kind === 'directory' ? (event) => drop(event, row.path) : undefined}
            />
          )
        })}
      </div>
    </div>
  )
}

const MOVES: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  j: 1,
  k: -1,
  J: 1,
  K: -1,
  PageDown: PAGE_ROWS,
  PageUp: -PAGE_ROWS,
}

function rowId(entry: string): string {
  return `entry-${entry}`
}

/** What is no longer there is no longer selected. */
function useForget(
  keys: readonly string[],
  isLoading: boolean,
  select: (change: (now: Selection) => Selection) => void,
): void {
  const before = useRef(keys)
  useEffect(() => {
    const old = before.current
    before.current = keys
    if (old !== keys && !isLoading) select((now) => keep(now, old, keys))
  }, [keys, isLoading, select])
}

function Nothing(props: {
  readonly search: string
  readonly goUp: (() => void) | undefined
  readonly upload: (() => void) | undefined
}) {
  const { search, goUp, upload } = props
  if (search !== '') {
    return <EmptyState title="No such file">No file of this folder has “{search}” in its name.</EmptyState>
  }
  return (
    <EmptyState title={goUp === undefined ? 'This folder is empty' : 'This directory is empty'}>
      {upload === undefined
        ? 'What is saved in the folder on one of its nodes appears here at once.'
        : 'Drop files or a directory here, or save something in the folder on one of its nodes; it appears at once.'}
      {upload !== undefined && (
        <div>
          <Button mt="sm" size="xs" onClick={upload}>
            Upload
          </Button>
        </div>
      )}
    </EmptyState>
  )
}
