import type { DragEvent } from 'react'
import { count } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { KindIcon } from './kind-icon.tsx'
import type { TreeRow } from './tree-rows.ts'
import { useDropTarget } from './use-drop-target.ts'
import look from './tree.module.css'

const INDENT_PX = 12
/** What lies deeper still is not pushed out of sight. */
const MOST_INDENTED = 12

/** One line of the tree. A click on it goes there; one on the mark before it opens and closes it. */
export function TreeLine(props: {
  readonly id: string
  readonly row: TreeRow
  readonly top: number
  readonly height: number
  readonly isCurrent: boolean
  readonly isCursor: boolean
  use(): void
  turn(): void
  readonly drop: ((event: DragEvent) => void) | undefined
}) {
  const { id, row, top, height, isCurrent, isCursor, use, turn, drop } = props
  const dropTarget = useDropTarget(drop)
  const indent = Math.min(row.level - 1, MOST_INDENTED) * INDENT_PX
  const shared = {
    id,
    role: 'treeitem',
    className: look.line,
    'aria-level': row.level,
    'aria-selected': isCurrent,
    'data-cursor': isCursor || undefined,
    style: { top, height, paddingLeft: 4 + indent },
    onClick: use,
  }
  if (row.kind !== 'directory') {
    return (
      <div {...shared} data-kind={row.kind}>
        <span className={look.mark} />
        <span className={look.name}>{wordsOf(row)}</span>
      </div>
    )
  }
  const { name, isOpen, position, siblings } = row
  return (
    <div
      {...shared}
      {...dropTarget}
      aria-label={isolated(name)}
      aria-expanded={isOpen ?? undefined}
      aria-posinset={position}
      aria-setsize={siblings ?? -1}
      title={isolated(row.path)}
    >
      <span
        className={look.mark}
        data-open={isOpen ?? undefined}
        aria-hidden="true"
        onClick={(event) => {
          if (isOpen === null) return
          event.stopPropagation()
          turn()
        }}
      >
        {isOpen !== null && (
          <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5">
            <path d="m6 4 4 4-4 4" />
          </svg>
        )}
      </span>
      <KindIcon kind="directory" />
      <Name className={look.name} text={name} />
    </div>
  )
}

function wordsOf(row: Exclude<TreeRow, { kind: 'directory' }>): string {
  switch (row.kind) {
    case 'more':
      return row.isReading ? 'Reading …' : `The first ${count(row.shown)}. Show more`
    case 'failed':
      return 'It could not be read. Try again'
    case 'reading':
      return 'Reading …'
  }
}
