import type { Everything } from '@causeway/protocol'
import { count } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import type { Row } from './row.ts'
import { countChosen, isChosen, targets, type Selection } from './selection.ts'

/** What an action is for: some rows, or everything in a directory, which the coordinator knows and the page need not. */
export type Meant =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'everything'; readonly what: Everything; readonly entries: number }

export function meantBy(
  selection: Selection,
  shown: { readonly rows: readonly Row[]; readonly total: number | null },
  directory: string,
): Meant {
  if (!selection.everything) return { kind: 'rows', rows: targets(selection, shown.rows) }
  const except = shown.rows.filter(({ id }) => !isChosen(selection, id)).map(({ name }) => name)
  const entries = countChosen(selection, shown.total ?? shown.rows.length)
  return { kind: 'everything', what: { directory, except }, entries }
}

/** The one that is meant, if it is one. */
export function onlyOne(meant: Meant): Row | undefined {
  return meant.kind === 'rows' && meant.rows.length === 1 ? meant.rows[0] : undefined
}

export function countMeant(meant: Meant): number {
  return meant.kind === 'rows' ? meant.rows.length : meant.entries
}

/** “notes.txt”, or 3 entries, or all 20,000 entries. */
export function nameMeant(meant: Meant): string {
  const one = onlyOne(meant)
  if (one !== undefined) return `“${isolated(one.name)}”`
  const isWhole = meant.kind === 'everything' && meant.what.except.length === 0
  return `${isWhole ? 'all ' : ''}${count(countMeant(meant))} entries`
}
