import { crumbsOf, isWithin, joinPath, parentOf } from './paths.ts'
import type { TreeState } from './tree.ts'

/** One line of the tree. Of what is no directory, `path` is the directory that the line is about. */
export type TreeRow = {
  readonly key: string
  readonly path: string
  /** From 1. */
  readonly level: number
} & (
  | {
      readonly kind: 'directory'
      readonly name: string
      /** Null where it is known that there is no directory in it: there is nothing to open. */
      readonly isOpen: boolean | null
      /** From 1, among those beside it. */
      readonly position: number
      /** How many are beside it, with itself; null where not all were read. */
      readonly siblings: number | null
    }
  | { readonly kind: 'more'; readonly shown: number; readonly isReading: boolean }
  | { readonly kind: 'reading' | 'failed' }
)

export interface TreeView {
  /** What the folder is called. */
  readonly name: string
  readonly state: TreeState
  /** The directory one is in. It is shown although it lies behind all that was read. */
  readonly current: string
  /** Directories that are left out, with all below them. */
  readonly without?: readonly string[]
}

/** The lines of the tree from top to bottom; those below what is closed are not among them. */
export function treeRows({ name, state, current, without = [] }: TreeView): readonly TreeRow[] {
  const rows: TreeRow[] = []
  const way = new Map(crumbsOf(current).map((crumb) => [parentOf(crumb.path), crumb.name]))
  add('', name, { level: 1, position: 1, siblings: 1 })
  return rows

  function add(
    path: string,
    called: string,
    place: { level: number; position: number; siblings: number | null },
  ): void {
    const within = state.get(path)
    const names = (within?.entries ?? [])
      .map((entry) => entry.state.name)
      .filter((one) => !without.some((left) => isWithin(joinPath(path, one), left)))
    const isEmpty = within?.status === 'ready' && names.length === 0 && !within.more
    const isOpen = isEmpty ? null : within !== undefined
    rows.push({ kind: 'directory', key: `directory ${path}`, path, name: called, isOpen, ...place })
    if (within === undefined) return
    const level = place.level + 1
    if (within.status === 'loading') return line('reading')
    if (within.status === 'failed') return line('failed')
    const siblings = within.more ? null : names.length
    names.forEach((one, at) => add(joinPath(path, one), one, { level, position: at + 1, siblings }))
    if (!within.more) return
    rows.push({ kind: 'more', key: `more ${path}`, path, level, shown: names.length, isReading: within.loadingMore })
    const next = way.get(path)
    if (next === undefined || names.includes(next)) return
    add(joinPath(path, next), next, { level, position: names.length + 1, siblings })

    function line(kind: 'reading' | 'failed'): void {
      rows.push({ kind, key: `${kind} ${path}`, path, level })
    }
  }
}

/** What a key does at a line of the tree. */
export type TreeStep =
  | { readonly kind: 'to'; readonly at: number }
  | { readonly kind: 'open' | 'close'; readonly path: string }
  /** What a click does as well. */
  | { readonly kind: 'use' }

const PAGE_ROWS = 12
const MOVES: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  j: 1,
  k: -1,
  PageDown: PAGE_ROWS,
  PageUp: -PAGE_ROWS,
}

/** The keys of a tree as WAI-ARIA has them, with `j` and `k` as in all lists here; null for any other key. */
export function treeStep(rows: readonly TreeRow[], at: number, key: string): TreeStep | null {
  const row = rows[at]
  const moves = MOVES[key]
  const to = (index: number): TreeStep => ({ kind: 'to', at: Math.max(0, Math.min(rows.length - 1, index)) })
  if (moves !== undefined) return to(at + moves)
  if (key === 'Home') return to(0)
  if (key === 'End') return to(rows.length - 1)
  if (row === undefined) return null
  if (key === 'Enter' || key === ' ') return { kind: 'use' }
  if (key === 'ArrowRight' && row.kind === 'directory') {
    if (row.isOpen === false) return { kind: 'open', path: row.path }
    return to(row.isOpen === true ? at + 1 : at)
  }
  if (key === 'ArrowLeft') {
    if (row.kind === 'directory' && row.isOpen === true) return { kind: 'close', path: row.path }
    return to(rows.findLastIndex((one, index) => index < at && one.level < row.level))
  }
  return null
}
