import { Button, Drawer, Group, Loader, Stack, Tabs, Text } from '@mantine/core'
import type { FolderView, VersionView } from '@causeway/protocol'
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { Ago } from '../../parts/ago.tsx'
import { HashText } from '../../parts/copy.tsx'
import { bytes } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { NodeName } from '../../parts/node-name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { downloadAddress } from './addresses.ts'
import { saveFrom } from './file-actions.ts'
import { History } from './history.tsx'
import { nameOf } from './paths.ts'
import { Preview } from './preview.tsx'
import { Where } from './where.tsx'

/** All that is known of one entry: what is in it, what it was, and where it is. */
export function EntryDrawer(props: { readonly folder: FolderView; readonly entry: string; onClose(): void }) {
  const { folder, entry, onClose } = props
  const queryKey = ['history', folder.id, entry]
  useRefetchOnEvents(queryKey)
  const history = useQuery({ queryKey, queryFn: () => client.history(folder.id, { entry }), staleTime: 0 })
  const versions = history.data?.versions ?? []
  const [now] = versions
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(860px, 100%)"
      title={
        <Text component="span" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {now === undefined ? 'Entry' : <Name text={nameOf(now.path)} />}
        </Text>
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
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
          <Tabs
            defaultValue={now.content.kind === 'directory' || now.deleted ? 'history' : 'preview'}
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
    </Drawer>
  )
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
        {content.kind === 'symlink' && (
          <>
            {' · points to '}
            <PathText path={content.target} />
          </>
        )}
      </Text>
      <Group gap="xs" mt={4}>
        {content.kind === 'file' && !deleted && (
          <Button size="xs" variant="default" onClick={() => saveFrom(downloadAddress(folder.id, now.entry))}>
            Download
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link {...props} to="/clocks" search={{ folder: folder.id, path }} />}
        >
          Its events in Vector Clocks
        </Button>
      </Group>
    </Stack>
  )
}
