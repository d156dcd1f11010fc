import { ActionIcon, Button, Group, Loader, Stack, Tabs, Text } from '@mantine/core'
import type { FolderView, VersionView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { Ago } from '../../parts/ago.tsx'
import { HashText } from '../../parts/copy.tsx'
import { Detail } from '../../parts/detail.tsx'
import { bytes, plural } from '../../parts/format.ts'
import { PathText } from '../../parts/path-text.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { actionsFor, type ActionId } from './actions.ts'
import { History } from './history.tsx'
import type { Meant } from './meant.ts'
import { nameOf } from './paths.ts'
import { Preview } from './preview.tsx'
import type { Row } from './row.ts'
import type { EntryTab, Place } from './use-place.ts'
import { Where } from './where.tsx'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { useMay } from '../../data/rights.ts'
import { NodeName } from '../../parts/node-name.tsx'

/** The way to the entries before and behind this one in the list; null at its ends, and where it is not in the list. */
export interface Neighbours {
  readonly before: Row | null
  readonly behind: Row | null
}

/** All that is known of one entry: what is in it, what it was, and where it is. */
export function EntryDetail(props: {
  readonly folder: FolderView
  readonly entry: string
  readonly place: Place
  readonly neighbours: Neighbours
  step(to: Row): void
  act(id: ActionId, meant: Meant): void
  onClose(): void
}) {
  const { folder, entry, place, neighbours, step, act, onClose } = props
  const queryKey = ['history', folder.id, entry]
  useRefetchOnEvents(queryKey)
  const history = useQuery({ queryKey, queryFn: () => client.history(folder.id, { entry }), staleTime: 0 })
  const versions = history.data?.versions ?? []
  const [now] = versions
  const usual = now === undefined || now.content.kind === 'directory' || now.deleted ? 'history' : 'preview'
  return (
    <Detail
      title={now === undefined ? 'Entry' : nameOf(now.path)}
      onClose={onClose}
      tools={
        <Group gap={4} wrap="nowrap">
          <StepButton label="Previous" sign="‹" to={neighbours.before} step={step} />
          <StepButton label="Next" sign="›" to={neighbours.behind} step={step} />
        </Group>
      }
    >
      {history.isPending && <Loader size="sm" aria-label="Loading" />}
      {history.error !== null && (
        <ProblemNote
          title="The history could not be loaded"
          error={history.error}
          retry={() => void history.refetch()}
        />
      )}
      {now !== undefined && (
        <Stack gap="md">
          <Facts folder={folder} now={now} />
          {!now.deleted && <Actions folder={folder} now={now} act={act} />}
          <Tabs
            // Another entry begins anew; the buttons above it stay, and with them the keys.
            key={entry}
            value={place.tab ?? usual}
            onChange={(tab) => place.go({ tab: tabOf(tab, usual) }, false)}
            keepMounted={false}
          >
            <Tabs.List mb="md">
              {now.content.kind !== 'directory' && <Tabs.Tab value="preview">Preview</Tabs.Tab>}
              <Tabs.Tab value="history">History</Tabs.Tab>
              <Tabs.Tab value="where">Nodes</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="preview">
              <Preview folder={folder.id} version={now} current />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <History folder={folder.id} entry={entry} versions={versions} more={history.data?.next ?? null} />
            </Tabs.Panel>
            <Tabs.Panel value="where">
              <Where folder={folder.id} path={now.path} seq={now.seq} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
    </Detail>
  )
}

function tabOf(value: string | null, usual: EntryTab): EntryTab | undefined {
  const tab = (['preview', 'history', 'where'] as const).find((one) => one === value)
  return tab === usual ? undefined : tab
}

function StepButton(props: {
  readonly label: string
  readonly sign: string
  readonly to: Row | null
  step(to: Row): void
}) {
  const { label, sign, to, step } = props
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={label}
      title={to === null ? label : `${label}: ${isolated(to.name)}`}
      disabled={to === null}
      onClick={() => to !== null && step(to)}
    >
      {sign}
    </ActionIcon>
  )
}

/** The same as in the menu of its row. */
interface ActionsProps {
  readonly folder: FolderView
  readonly now: VersionView
  act(id: ActionId, meant: Meant): void
}

function Actions({ folder, now, act }: ActionsProps) {
  const mayChange = useMay().change(folder.id)
  const meant: Meant = { kind: 'rows', rows: [rowOfVersion(now)] }
  return (
    <Group gap={4} role="toolbar" aria-label={`Actions for ${isolated(nameOf(now.path))}`}>
      {actionsFor(meant, mayChange)
        .filter(({ id }) => id !== 'history' && (id !== 'open' || now.content.kind === 'directory'))
        .map(({ id, label }) => (
          <Button
            key={id}
            size="compact-sm"
            {...(id === 'delete' ? { variant: 'light', color: 'red' } : { variant: 'default' })}
            onClick={() => act(id, meant)}
          >
            {label}
          </Button>
        ))}
    </Group>
  )
}

function rowOfVersion({ entry, path, seq, content }: VersionView): Row {
  const size = content.kind === 'file' ? content.size : null
  return { id: entry, path, name: nameOf(path), kind: content.kind, size, changedMs: null, seq, within: null }
}

function Facts({ folder, now }: { readonly folder: FolderView; readonly now: VersionView }) {
  const { content, path, at, node, deleted } = now
  return (
    <Stack gap={4}>
      <Text size="sm">
        <Name text={folder.name} /> / <PathText path={path} most={90} />
      </Text>
      <Text size="sm" c="dimmed" component="div">
        {deleted ? 'Deleted' : 'Changed'} <Ago at={at} isStop /> by <NodeName node={node} />
        {content.kind === 'file' && (
          <>
            {' · '}
            {bytes(content.size)} · <HashText hash={content.hash} />
          </>
        )}
        {content.kind === 'directory' && !deleted && <Within folder={folder} path={path} />}
        {content.kind === 'symlink' && (
          <>
            {' · points to '}
            <PathText path={content.target} />
          </>
        )}
      </Text>
    </Stack>
  )
}

function Within({ folder, path }: { readonly folder: FolderView; readonly path: string }) {
  const queryKey = ['within', folder.id, path]
  useRefetchOnEvents(queryKey)
  const { data } = useQuery({ queryKey, queryFn: () => client.browse(folder.id, path, { limit: 1 }), staleTime: 0 })
  if (data === undefined) return null
  const { files, symlinks, bytes: size, newestMs } = data.within
  return (
    <>
      {' · '}
      {plural(files + symlinks, 'file')} ({bytes(size)}) in it
      {newestMs !== null && (
        <>
          , something in it changed <Ago at={new Date(newestMs).toISOString()} />
        </>
      )}
    </>
  )
}
