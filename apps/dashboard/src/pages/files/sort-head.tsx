import type { ListingOrder } from '@causeway/engine'
import type { Sorting } from './directory.ts'
import look from './files.module.css'

export const COLUMNS: readonly { readonly order: ListingOrder; readonly label: string }[] = [
  { order: 'name', label: 'Name' },
  { order: 'size', label: 'Size' },
  { order: 'changed', label: 'Changed' },
]

/** The head of a column: a click sorts by it, another one turns the order round. */
export function SortHead(props: {
  readonly order: ListingOrder
  readonly label: string
  /** Null where the list can't be sorted. */
  readonly sorting: Sorting | null
  sort(sorting: Sorting): void
}) {
  const { order, label, sorting, sort } = props
  const isSorted = sorting?.order === order
  const isDescending = isSorted && sorting.isDescending
  return (
    <span
      role="columnheader"
      data-number={order === 'size' || undefined}
      {...(isSorted && { 'aria-sort': isDescending ? 'descending' : 'ascending' })}
    >
      {sorting === null ? (
        label
      ) : (
        <button
          type="button"
          className={look.sort}
          // One looks for the largest and for the newest; names one looks up.
          onClick={() => sort({ order, isDescending: isSorted ? !isDescending : order !== 'name' })}
        >
          {label}
          <span aria-hidden="true">{isSorted ? (isDescending ? ' ▾' : ' ▴') : ''}</span>
        </button>
      )}
    </span>
  )
}
