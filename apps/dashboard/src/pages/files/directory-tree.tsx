import type { FolderView } from '@causeway/protocol'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useMemo, useRef, useState, type DragEvent, type KeyboardEvent } from 'react'
import { isolated } from '../../parts/isolated.ts'
import { treeRows, treeStep, type TreeRow } from './tree-rows.ts'
import { TreeLine } from './tree-line.tsx'
import { useStaying } from './use-staying.ts'
import { useTree } from './use-tree.ts'
import look from './tree.module.css'

const ROW_PX = 32

/** The directories of a folder, however many: each is read when it is opened, and only those in sight are drawn. */
export function DirectoryTree(props: {
  readonly folder: FolderView
  /** The directory that is marked; the tree is open along the way to it. */
  readonly current: string
  readonly without?: readonly string[]
  go(path: string): void
  drop?(event: DragEvent, path: string): void
}) {
  const { folder, current, without, go, drop } = props
  const tree = useTree(folder.id, current)
  const { state } = tree
  const rows = useMemo(
    () => treeRows({ name: folder.name, state, current, ...(without !== undefined && { without }) }),
    [folder.name, state, current, without],
  )
  const keys = useMemo(() => rows.map(({ key }) => key), [rows])
  const [cursor, setCursor] = useState<string | null>(null)
  const currentAt = keys.indexOf(`directory ${current}`)
  const at = Math.max(0, cursor === null || !keys.includes(cursor) ? currentAt : keys.indexOf(cursor))
  const box = useRef<HTMLDivElement>(null)
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 16,
  })
  useStaying(box, keys, ROW_PX)
  const sought = useRef<string | null>(null)
  useEffect(() => {
    setCursor(null)
    sought.current = current
  }, [current])
  useEffect(() => {
    // Once for each place one goes to: what comes and goes in the tree afterwards must not move it.
    if (sought.current === null || currentAt === -1) return
    sought.current = null
    lines.scrollToIndex(currentAt)
  }, [current, currentAt, lines])
  const id = useId()
  const idOf = (index: number): string => `${id}-${index}`

  function to(index: number): void {
    setCursor(keys[index] ?? null)
    lines.scrollToIndex(index)
  }

  function use(row: TreeRow): void {
    if (row.kind === 'directory') go(row.path)
    else if (row.kind === 'failed') tree.refresh(row.path)
    else if (row.kind === 'more') {
      tree.loadMore(row.path)
      // The line moves on with what is read: the cursor stays where the new ones begin.
      setCursor(keys[rows.indexOf(row) - 1] ?? null)
    }
  }

  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const step = treeStep(rows, at, event.key)
    if (step === null) return
    event.preventDefault()
    if (step.kind === 'to') return to(step.at)
    setCursor(keys[at] ?? null)
    if (step.kind === 'open') tree.openTo(step.path)
    else if (step.kind === 'close') tree.close(step.path)
    else if (rows[at] !== undefined) use(rows[at])
  }

  return (
    <div
      ref={box}
      className={look.tree}
      role="tree"
      aria-label={`Directories of ${isolated(folder.name)}`}
      aria-activedescendant={rows.length === 0 ? undefined : idOf(at)}
      tabIndex={0}
      onKeyDown={pressed}
    >
      <div role="presentation" style={{ height: lines.getTotalSize(), position: 'relative' }}>
        {lines.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <TreeLine
              key={row.key}
              id={idOf(index)}
              row={row}
              top={start}
              height={ROW_PX}
              isCurrent={index === currentAt}
              isCursor={index === at}
              use={() => use(row)}
              turn={() =>
                row.kind === 'directory' && row.isOpen === true ? tree.close(row.path) : tree.openTo(row.path)
              }
              drop={row.kind === 'directory' && drop !== undefined ? (event) => drop(event, row.path) : undefined}
            />
          )
        })}
      </div>
    </div>
  )
}
