import { Anchor, Button, Loader, Text } from '@mantine/core'
import type { FolderView, HistoryEvent } from '@causeway/protocol'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { Ago } from '../../parts/ago.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { bytes, plural } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { NodeName } from '../../parts/node-name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { ForEditors } from '../../parts/for-admins.tsx'
import { isolated } from '../../parts/isolated.ts'
import { stillDeleted } from './deleted-list.ts'
import { bringBack } from './everything.ts'
import { tellDone } from './undo.tsx'
import look from './history.module.css'

const PAGE = 200

/** What was deleted and not brought back, newest first. */
export function Deleted({ folder }: { readonly folder: FolderView }) {
  const queryKey = ['deleted', folder.id]
  useRefetchOnEvents(queryKey)
  const events = useInfiniteQuery({
    queryKey,
    staleTime: 0,
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => {
      const page = { folder: folder.id, kinds: ['delete', 'restore'] as const, limit: PAGE }
      return client.pastEvents(pageParam === undefined ? page : { ...page, before: pageParam })
    },
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.position),
  })
  const rows = stillDeleted(events.data?.pages.flat() ?? [])
  if (events.error !== null) {
    return (
      <ProblemNote
        title="What was deleted could not be loaded"
        error={events.error}
        retry={() => void events.refetch()}
      />
    )
  }
  if (events.isPending) return <Loader size="sm" aria-label="Loading" />
  return (
    <>
      {rows.length === 0 ? (
        <EmptyState title="Nothing deleted">
          Anything deleted from <Name text={folder.name} />, here or on a node, is listed here and can be restored with
          one click.
        </EmptyState>
      ) : (
        <ul className={look.versions} aria-label="Deleted, newest first">
          {rows.map((event) => (
            <DeletedRow key={event.position} folder={folder} event={event} />
          ))}
        </ul>
      )}
      {events.hasNextPage && (
        <Button
          variant="subtle"
          size="xs"
          loading={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}
        >
          Load older deletes
        </Button>
      )}
      <Text size="xs" c="dimmed" mt="sm">
        How long deleted files are kept is set per folder in{' '}
        <Anchor
          inherit
          underline="always"
          renderRoot={(given) => <Link {...given} to="/settings" search={{ folder: folder.id } as never} />}
        >
          Settings
        </Anchor>
        .
      </Text>
    </>
  )
}

function DeletedRow({ folder, event }: { readonly folder: FolderView; readonly event: HistoryEvent }) {
  const { entry, path, entries, sizeBytes, at, node } = event
  const [isBack, setIsBack] = useState(false)
  const restore = useAction(`bring back ${path ?? 'it'}`, async () => {
    if (entry === null) return
    await bringBack(folder.id, [entry])
    setIsBack(true)
    tellDone(`“${path === null ? 'It' : isolated(path)}” has been restored.`, () =>
      client.remove(folder.id, path === null ? [] : [path]),
    )
  })
  return (
    <li>
      <div className={look.what}>
        <span>{path === null ? '–' : <PathText path={path} most={84} />}</span>
        <span className={look.by}>
          <Ago at={at} /> by <NodeName node={node} />
          {entries > 1
            ? ` · ${plural(entries, 'entry', 'entries')}, with everything in it`
            : sizeBytes !== null && ` · ${bytes(sizeBytes)}`}
        </span>
      </div>
      <ForEditors folder={folder.id}>
        <Button
          size="compact-sm"
          variant="default"
          flex="none"
          aria-label={`Restore ${path === null ? 'it' : isolated(path)}`}
          loading={restore.busy}
          disabled={isBack}
          onClick={() => void restore.run()}
        >
          Restore
        </Button>
      </ForEditors>
    </li>
  )
}
