import type { DirectorySums, FolderId } from '@causeway/protocol'
import { memo, type DragEvent } from 'react'
import { useLive } from '../../live/use-live.ts'
import { Ago } from '../../parts/ago.tsx'
import { ago, bytes, plural } from '../../parts/format.ts'
import { KindIcon } from './kind-icon.tsx'
import { parentOf } from './paths.ts'
import { previewKind } from './preview-kind.ts'
import type { Row } from './row.ts'
import type { At } from './row-menu.tsx'
import type { Held } from './selection.ts'
import { STAND_SHAPE, standWords, waitingOf, worst } from './stands.ts'
import { Thumbnail, THUMBNAIL_BYTES } from './thumbnail.tsx'
import { useDropTarget } from './use-drop-target.ts'
import look from './files.module.css'

interface RowProps {
  readonly id: string
  readonly index: number
  readonly folder: FolderId
  readonly row: Row
  readonly showPath: boolean
  readonly top: number
  readonly height: number
  readonly chosen: boolean
  readonly cursor: boolean
  open(): void
  toggle(): void
  click(held: Held): void
  dragStart(event: DragEvent): void
  openMenu(at: At): void
  readonly drop: ((event: DragEvent) => void) | undefined
}

/** One entry. Its name opens it; anywhere else on the line selects it. */
export function ListRow(props: RowProps) {
  const { id, index, folder, row, showPath, top, height, chosen, cursor, open, toggle, click, dragStart, drop } = props
  const { openMenu } = props
  const dropTarget = useDropTarget(drop)
  const directory = parentOf(row.path)
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index}
      aria-selected={chosen}
      className={look.row}
      data-kind={row.kind}
      data-cursor={cursor || undefined}
      style={{ top, height }}
      draggable
      onDragStart={dragStart}
      onClick={({ shiftKey, ctrlKey, metaKey }) => click({ shift: shiftKey, ctrl: ctrlKey || metaKey })}
      onContextMenu={(event) => {
        event.preventDefault()
        openMenu({ x: event.clientX, y: event.clientY })
      }}
      onDoubleClick={({ target }) => {
        if (!(target instanceof HTMLInputElement)) open()
      }}
      {...dropTarget}
    >
      <span role="gridcell">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${row.name}`}
          checked={chosen}
          onChange={toggle}
          onClick={(event) => event.stopPropagation()}
        />
      </span>
      <span role="gridcell" className={look.nameCell}>
        <RowIcon folder={folder} row={row} />
        <span className={look.nameText}>
          <button
            type="button"
            tabIndex={-1}
            className={look.name}
            title={row.path}
            onClick={(event) => {
              if (event.shiftKey || event.ctrlKey || event.metaKey) return
              event.stopPropagation()
              open()
            }}
          >
            <bdi>{row.name}</bdi>
          </button>
          {showPath && (
            <span className={look.within} title={row.path}>
              {directory === '' ? 'at the top' : `in ${directory}`}
            </span>
          )}
        </span>
      </span>
      <span role="gridcell" data-number>
        <span title={row.within === null ? undefined : withinWords(row.within)}>
          {row.size === null ? '–' : bytes(row.size)}
        </span>
      </span>
      <span role="gridcell">{row.changedMs === null ? '–' : <Ago at={new Date(row.changedMs).toISOString()} />}</span>
      <span role="gridcell" className={look.notYet}>
        <NotYetOn folder={folder} path={row.path} seq={row.seq} />
      </span>
      <span role="gridcell">
        <button
          type="button"
          tabIndex={-1}
          className={look.more}
          aria-label="Actions"
          aria-haspopup="menu"
          onClick={(event) => {
            event.stopPropagation()
            const { left, bottom } = event.currentTarget.getBoundingClientRect()
            openMenu({ x: left, y: bottom })
          }}
        >
          ⋯
        </button>
      </span>
    </div>
  )
}

function RowIcon({ folder, row }: { readonly folder: FolderId; readonly row: Row }) {
  const picture = row.kind === 'file' ? previewKind(row.name, row.size ?? 0) : null
  // A drawing is read as a page would be: it keeps its icon.
  const isSmall = row.size !== null && row.size > 0 && row.size <= THUMBNAIL_BYTES
  if (picture?.kind !== 'image' || picture.type === 'image/svg+xml' || !isSmall) {
    return <KindIcon kind={row.kind} name={row.name} />
  }
  return <Thumbnail folder={folder} row={row} type={picture.type} />
}

function withinWords({ files, symlinks, directories }: DirectorySums): string {
  return `${plural(files + symlinks, 'file')} in ${plural(directories + 1, 'directory', 'directories')}`
}

/** Nodes that do not have it yet, and why. Where all have it there is nothing to say. */
const NotYetOn = memo(function NotYetOn(props: {
  readonly folder: FolderId
  readonly path: string
  readonly seq: number
}) {
  const { folder, path, seq } = props
  const nodes = useLive((state) => state.nodes)
  const waiting = waitingOf(nodes.values(), folder, { path, seq })
  const first = worst(waiting)
  if (first === undefined) return null
  const { shape, colour } = STAND_SHAPE[first.stand.kind]
  const agoText = (at: string): string => ago(Date.parse(at), Date.now())
  const lines = waiting.map(({ name, stand }) => `${name}: ${standWords(stand, agoText)}`)
  return (
    <span title={lines.join('\n')} data-waiting>
      <span aria-hidden="true" style={{ color: colour }}>
        {shape}
      </span>{' '}
      {waiting.length === 1 ? lines[0] : plural(waiting.length, 'node')}
      {waiting.length > 1 && <span className="only-read">{lines.join(', ')}</span>}
    </span>
  )
})
