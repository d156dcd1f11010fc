import { NativeSelect } from '@mantine/core'
import type { Sorting } from './directory.ts'
import { sortingOf, sortWord } from './use-place.ts'
import look from './files.module.css'

/** The orders, each by its word in the address; the one that needs none there is here "name". */
const ORDERS: readonly { readonly value: string; readonly label: string }[] = [
  { value: 'name', label: 'Name, A to Z' },
  { value: '-name', label: 'Name, Z to A' },
  { value: '-changed', label: 'Newest first' },
  { value: 'changed', label: 'Oldest first' },
  { value: '-size', label: 'Largest first' },
  { value: 'size', label: 'Smallest first' },
]

/** Sorts the list where there is no room for the heads of its columns. */
export function SortBy({ sorting, sort }: { readonly sorting: Sorting; sort(sorting: Sorting): void }) {
  return (
    <NativeSelect
      size="xs"
      className={look.sortBy}
      aria-label="Sort by"
      data={[...ORDERS]}
      value={sortWord(sorting) || 'name'}
      onChange={(event) => sort(sortingOf(event.currentTarget.value))}
    />
  )
}
