import { Button, Checkbox, Group, Text } from '@mantine/core'
import { bytes, count, plural } from '../../parts/format.ts'
import { actionsFor, type ActionId } from './actions.ts'
import type { Sorting } from './directory.ts'
import { countMeant, type Meant } from './meant.ts'
import { SortBy } from './sort-by.tsx'
import type { ShownDirectory } from './use-directory.ts'
import look from './files.module.css'

/** In the bar there is room for what is done often; the menu has it all. */
const IN_BAR: readonly ActionId[] = ['download', 'rename', 'move', 'copy-path', 'history', 'delete']
const SHORT: Partial<Record<ActionId, string>> = { download: 'Download', 'copy-path': 'Copy path' }

/** How much there is or, where something is selected, how much that is, and what one can do with it. */
export function SelectionBar(props: {
  readonly shown: ShownDirectory
  readonly search: string
  readonly dropping: boolean
  readonly isAnyChosen: boolean
  readonly meant: Meant
  readonly mayChange: boolean
  readonly sorting: Sorting
  sort(sorting: Sorting): void
  act(id: ActionId, meant: Meant): void
  selectAll(): void
  clear(): void
}) {
  const { shown, search, dropping, isAnyChosen, meant, mayChange, sorting, sort, act, selectAll, clear } = props
  const { rows, total } = shown
  const chosen = isAnyChosen ? countMeant(meant) : 0
  const isAll = chosen > 0 && chosen === (total ?? rows.length)
  return (
    <div className={look.status}>
      {rows.length > 0 && (
        <Checkbox
          size="xs"
          aria-label={isAll ? 'Select nothing' : 'Select all'}
          title={isAll ? 'Select nothing' : 'Select all'}
          checked={isAll}
          indeterminate={chosen > 0 && !isAll}
          onChange={() => (isAll ? clear() : selectAll())}
        />
      )}
      {chosen === 0 ? (
        <>
          <Text size="sm" c="dimmed" role="status" truncate>
            {dropping ? 'Drop to upload' : countWords(shown, search)}
          </Text>
          {/* What a search found is in the order it was found in. */}
          {search === '' && rows.length > 0 && <SortBy sorting={sorting} sort={sort} />}
        </>
      ) : (
        <>
          <Text size="sm" role="status" className={look.chosen}>
            {chosenWords(meant, isAll)}
          </Text>
          <Group gap={4} wrap="nowrap" role="toolbar" aria-label="Selection actions">
            {actionsFor(meant, mayChange)
              .filter(({ id }) => IN_BAR.includes(id))
              .map(({ id, label }) => (
                <Button
                  key={id}
                  size="compact-sm"
                  variant="subtle"
                  {...(id === 'delete' && { color: 'red' })}
                  onClick={() => act(id, meant)}
                >
                  {SHORT[id] ?? label}
                </Button>
              ))}
            <Button size="compact-sm" variant="subtle" color="gray" onClick={clear}>
              Clear
            </Button>
          </Group>
        </>
      )}
    </div>
  )
}

function countWords({ rows, more, status, total, within }: ShownDirectory, search: string): string {
  if (status === 'loading' && rows.length === 0) return search === '' ? 'Reading …' : 'Searching …'
  if (search !== '') return `${more ? 'The first ' : ''}${plural(rows.length, 'file')} with “${search}” in the name`
  const inAll =
    within === null || within.files === 0 ? '' : ` · ${plural(within.files, 'file')} (${bytes(within.bytes)}) in all`
  return rows.length === 0 ? '' : `${plural(total ?? rows.length, 'entry', 'entries')}${inAll}`
}

function chosenWords(meant: Meant, isAll: boolean): string {
  const size = meant.kind === 'rows' ? meant.rows.reduce((sum, row) => sum + (row.size ?? 0), 0) : 0
  const chosen = countMeant(meant)
  return `${isAll && chosen > 1 ? 'All ' : ''}${count(chosen)} selected${size > 0 ? ` (${bytes(size)})` : ''}`
}
