import { Button, Checkbox, Group, Loader, Stack, Text } from '@mantine/core'
import type { ConflictView, FolderId } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { useFolders, useRefetchOnEvents } from '../../data/folders.ts'
import { Ago } from '../../parts/ago.tsx'
import { modals } from '../../parts/confirm.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { count, plural } from '../../parts/format.ts'
import { useMay } from '../../data/rights.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { useAddress } from '../../parts/use-address.ts'
import { ConflictDetail } from './conflict-detail.tsx'
import { CHOICES, settleAll, type Choice } from './settle.ts'
import look from './conflicts.module.css'

/** The open conflicts of all folders, oldest first: what waits longest comes first. */
export function Conflicts() {
  const queryKey = ['conflicts']
  useRefetchOnEvents(queryKey)
  const conflicts = useQuery({ queryKey, queryFn: openConflicts, staleTime: 0 })
  const { said, say } = useAddress()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const may = useMay()
  const { data: folders } = useFolders()
  const nameOf = (folder: FolderId): string => folders?.find(({ id }) => id === folder)?.name ?? folder
  const all = conflicts.data ?? []
  const open = all.find((conflict) => keyOf(conflict) === said.conflict) ?? all[0]
  const chosen = all.filter((conflict) => selected.has(keyOf(conflict)))

  if (conflicts.error !== null) {
    return (
      <ProblemNote
        title="The conflicts could not be loaded"
        error={conflicts.error}
        retry={() => void conflicts.refetch()}
      />
    )
  }
  if (conflicts.isPending) return <Loader size="sm" aria-label="Loading" />
  if (all.length === 0 || open === undefined) {
    return (
      <EmptyState title="No conflicts">
        When two nodes change the same file and neither has seen the other’s change, both versions are kept, and you
        choose between them here. Nothing is ever overwritten by guessing.
      </EmptyState>
    )
  }

  function choose(conflict: ConflictView, checked: boolean): void {
    const next = new Set(selected)
    if (checked) next.add(keyOf(conflict))
    else next.delete(keyOf(conflict))
    setSelected(next)
  }

  return (
    <div className={look.columns}>
      <div>
        <Group gap="sm" className={look.bulk}>
          <Checkbox
            size="xs"
            label={chosen.length > 0 ? `${count(chosen.length)} selected` : `Select all ${count(all.length)}`}
            checked={chosen.length === all.length}
            indeterminate={chosen.length > 0 && chosen.length < all.length}
            onChange={(event) => setSelected(new Set(event.currentTarget.checked ? all.map(keyOf) : []))}
          />
        </Group>
        <ul className={look.queue} aria-label="Open conflicts">
          {all.map((conflict) => (
            <li key={keyOf(conflict)} data-open={conflict === open || undefined}>
              <Checkbox
                size="xs"
                aria-label={`Select ${isolated(conflict.rivalPath)}`}
                checked={selected.has(keyOf(conflict))}
                onChange={(event) => choose(conflict, event.currentTarget.checked)}
              />
              <button
                type="button"
                aria-current={conflict === open || undefined}
                onClick={() => say({ conflict: keyOf(conflict) })}
              >
                <PathText path={conflict.rivalPath} most={44} />
                <span className={look.when}>
                  <Name text={nameOf(conflict.folder)} /> · <Ago at={conflict.at} />
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      {chosen.length > 1 ? (
        <Stack gap="sm">
          <Text size="sm">
            Your choice applies to {plural(chosen.length, 'conflict')}. Versions you do not keep stay in the history.
          </Text>
          {chosen.every(({ folder }) => may.change(folder)) && (
            <Group gap="sm">
              {CHOICES.map(({ choice, many }) => (
                <Button key={choice} variant="default" size="sm" onClick={() => askAll(chosen, choice, many)}>
                  {many}
                </Button>
              ))}
            </Group>
          )}
        </Stack>
      ) : (
        <ConflictDetail key={keyOf(open)} conflict={open} />
      )}
    </div>
  )

  function askAll(meant: readonly ConflictView[], choice: Choice, words: string): void {
    const goes =
      choice === 'keep-both'
        ? 'Both files stay as they are.'
        : choice === 'keep-original'
          ? `${plural(meant.length, 'conflict copy', 'conflict copies')} will be deleted.`
          : `${plural(meant.length, 'file')} will get the content of the copy, and the copies go.`
    modals.confirm({
      title: `${words} in ${plural(meant.length, 'conflict')}?`,
      text: `${goes} You can take it back.`,
      action: words,
      onConfirm: () => {
        setSelected(new Set())
        void settleAll(meant, choice)
      },
    })
  }
}

async function openConflicts(): Promise<readonly ConflictView[]> {
  const folders = (await client.folders()).filter((folder) => folder.openConflicts > 0)
  const lists = await Promise.all(folders.map(({ id }) => client.conflicts(id)))
  return lists.flat().toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

function keyOf({ folder, copy }: ConflictView): string {
  return `${folder} ${copy}`
}
