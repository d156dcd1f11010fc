import { Anchor, Badge, Group, Select, Tabs, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { chosenFolder } from '../../data/chosen-folder.ts'
import { useFolders } from '../../data/folders.ts'
import { count } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Browser } from './browser.tsx'
import { usePlace, type View } from './use-place.ts'
import { lazyPart } from '../../parts/lazy-part.tsx'

const Conflicts = lazyPart('The list of conflicts', async () => (await import('./conflicts.tsx')).Conflicts)
const Deleted = lazyPart('The list of what was deleted', async () => (await import('./deleted.tsx')).Deleted)

/** What is in the folders, and everything one can do with it. */
export function Files() {
  const place = usePlace()
  const folders = useFolders()
  const folder = chosenFolder(folders.data, place.folder)
  const openConflicts = folders.data?.reduce((sum, one) => sum + one.openConflicts, 0) ?? 0
  return (
    <section aria-labelledby="files-title">
      <Tabs
        value={place.view}
        onChange={(view) => place.go({ view: viewOf(view), entry: undefined, tab: undefined })}
        keepMounted={false}
      >
        <Group justify="space-between" mb="sm" align="center" gap="sm">
          <Group gap="md">
            <Title order={2} size="h1" id="files-title">
              Files
            </Title>
            {folders.data !== undefined && folders.data.length > 0 && place.view !== 'conflicts' && (
              <Select
                aria-label="Folder"
                size="xs"
                w={180}
                data={folders.data.map(({ id, name }) => ({ value: id, label: isolated(name) }))}
                value={folder?.id ?? null}
                allowDeselect={false}
                onChange={(id) => {
                  const gone = { path: undefined, entry: undefined, tab: undefined, selected: undefined }
                  place.go({ folder: id ?? undefined, search: '', ...gone })
                }}
              />
            )}
          </Group>
          <Tabs.List>
            <Tabs.Tab value="files">Browse</Tabs.Tab>
            <Tabs.Tab
              value="conflicts"
              rightSection={
                openConflicts > 0 && (
                  <Badge size="sm" style={{ background: 'var(--state-attention)', color: 'var(--surface)' }}>
                    {count(openConflicts)}
                  </Badge>
                )
              }
            >
              Conflicts
            </Tabs.Tab>
            <Tabs.Tab value="deleted">Deleted</Tabs.Tab>
          </Tabs.List>
        </Group>
        {folders.error !== null && (
          <ProblemNote
            title="The folders could not be loaded"
            error={folders.error}
            retry={() => void folders.refetch()}
          />
        )}
        {folders.data?.length === 0 && (
          <EmptyState title="No folders yet">
            <Anchor inherit underline="always" renderRoot={(given) => <Link {...given} to="/settings" />}>
              Create one in Settings
            </Anchor>
            . Its files appear here.
          </EmptyState>
        )}
        {folder !== undefined && (
          <>
            <Tabs.Panel value="files">
              <Browser key={folder.id} folder={folder} place={place} />
            </Tabs.Panel>
            <Tabs.Panel value="conflicts">
              <Conflicts />
            </Tabs.Panel>
            <Tabs.Panel value="deleted">
              <Deleted key={folder.id} folder={folder} />
            </Tabs.Panel>
          </>
        )}
      </Tabs>
    </section>
  )
}

function viewOf(value: string | null): View {
  return value === 'conflicts' || value === 'deleted' ? value : 'files'
}
