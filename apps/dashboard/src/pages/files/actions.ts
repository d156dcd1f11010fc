import { countMeant, onlyOne, type Meant } from './meant.ts'

/** What one can do with entries: in the menu of a row, above the list, and in the panel of an entry. */
export type ActionId =
  | 'open'
  | 'download'
  | 'rename'
  | 'move'
  | 'copy-path'
  | 'copy-link'
  | 'history'
  | 'events'
  | 'delete'

export interface Action {
  readonly id: ActionId
  readonly label: string
  /** The key that does it in the list. */
  readonly key?: string
}

const CHANGES: ReadonlySet<ActionId> = new Set(['rename', 'move', 'delete'])

/** Whether an action is one that only those are offered who may change the folder. */
export function isChange(id: ActionId): boolean {
  return CHANGES.has(id)
}

/** The actions that make sense for what is meant, and that whoever looks may do, in the order they are shown. */
export function actionsFor(meant: Meant, mayChange: boolean): readonly Action[] {
  return allActionsFor(meant).filter(({ id }) => mayChange || !isChange(id))
}

function allActionsFor(meant: Meant): readonly Action[] {
  if (countMeant(meant) === 0) return []
  const one = onlyOne(meant)
  const many = meant.kind === 'rows'
  return [
    ...(one !== undefined ? [{ id: 'open', label: 'Open', key: 'Enter' } as const] : []),
    { id: 'download', label: one?.kind === 'directory' || one === undefined ? 'Download as a zip' : 'Download' },
    ...(one !== undefined ? [{ id: 'rename', label: 'Rename', key: 'F2' } as const] : []),
    { id: 'move', label: 'Move' },
    ...(many ? [{ id: 'copy-path', label: one === undefined ? 'Copy paths' : 'Copy path' } as const] : []),
    ...(one !== undefined
      ? ([
          { id: 'copy-link', label: 'Copy link' },
          { id: 'history', label: 'History' },
          { id: 'events', label: 'Events in Vector Clocks' },
        ] as const)
      : []),
    { id: 'delete', label: 'Delete', key: 'Delete' },
  ]
}
