import { Button, Group, Stack, Text, Title } from '@mantine/core'
import type { RemovedFolderView } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { useLive } from '../../live/use-live.ts'
import { Ago } from '../../parts/ago.tsx'
import { modals } from '../../parts/confirm.tsx'
import { plural } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { holds } from './removal-words.ts'
import look from './settings.module.css'

/** Folders that were removed and are kept: each comes back, or goes for good. Nothing is shown where there are none. */
export function RemovedFolders() {
  const key = ['removed-folders']
  useRefetchOnEvents(key)
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: () => client.removedFolders(),
    // What is being deleted is gone before long, and nobody is told.
    refetchInterval: (query) => (query.state.data?.some(({ forGood }) => forGood) === true ? 1000 : false),
  })
  if (error === null && (data === undefined || data.length === 0)) return null
  return (
    <section aria-labelledby="removed-folders-title">
      <Title order={2} id="removed-folders-title">
        Removed folders
      </Title>
      {error !== null && (
        <ProblemNote title="The removed folders could not be loaded" error={error} retry={() => void refetch()} />
      )}
      <Stack gap="sm" mt="sm">
        {data?.map((folder) => (
          <Removed key={folder.id} folder={folder} />
        ))}
      </Stack>
    </section>
  )
}

function Removed({ folder }: { readonly folder: RemovedFolderView }) {
  const queries = useQueryClient()
  const nodes = useLive((state) => state.nodes)
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['folders'] }),
      queries.invalidateQueries({ queryKey: ['removed-folders'] }),
    ])
  const restore = useAction('restore the folder', async () => {
    await client.restoreFolder(folder.id)
    await refresh()
  })
  const drop = useAction('delete the folder for good', async () => {
    await client.deleteFolderForGood(folder.id)
    await refresh()
  })
  const name = isolated(folder.name)
  const known = folder.nodes.filter((node) => nodes.has(node)).length
  return (
    <Group className={look.folder} justify="space-between" gap="sm" role="group" aria-label={`Removed: ${name}`}>
      <div>
        <Text fw={600}>
          <Name text={folder.name} />
        </Text>
        <Text size="sm" c="dimmed">
          {folder.forGood ? (
            'Being deleted for good …'
          ) : (
            <>
              Removed <Ago at={folder.removedAt} />; {holds(folder.counts)}
              {known > 0 && `; ${plural(known, 'node')} carried it`}
            </>
          )}
        </Text>
      </div>
      {!folder.forGood && (
        <Group gap="sm">
          <Button
            size="xs"
            variant="default"
            loading={restore.busy}
            aria-label={`Restore ${name}`}
            onClick={() =>
              modals.confirm({
                title: `Restore ${name}?`,
                text: `It is as it was: it ${holds(folder.counts)}, with its whole history. ${
                  known === 0
                    ? 'No node carries it then: give it to one.'
                    : `It is synced again on ${plural(known, 'node')} where it still is what it was; others ask their person where to keep it.`
                }`,
                action: 'Restore',
                onConfirm: () => void restore.run(),
              })
            }
          >
            Restore
          </Button>
          <Button
            size="xs"
            color="red"
            variant="light"
            loading={drop.busy}
            aria-label={`Delete for good: ${name}`}
            onClick={() =>
              modals.confirm({
                title: `Delete ${name} for good?`,
                text: `It ${holds(folder.counts)}. All of it is deleted from the coordinator, with every version and its whole history, and cannot be restored. Files on the nodes’ disks stay. The space is freed within two days.`,
                action: 'Delete for good',
                onConfirm: () => void drop.run(),
              })
            }
          >
            Delete for good
          </Button>
        </Group>
      )}
    </Group>
  )
}
