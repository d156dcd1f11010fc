import { Button, Group, SegmentedControl, Stack, Text, TextInput, Title, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useFolders } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { ForAdmins } from '../../parts/for-admins.tsx'
import { AccessLinks } from './access-links.tsx'
import { FolderSettings } from './folder-settings.tsx'
import { Halts } from '../../halts/halts.tsx'
import { Invites } from './invites.tsx'
import { NotificationSettings } from './notifications.tsx'
import { RemovedFolders } from './removed-folders.tsx'
import { SignOut } from './sign-out.tsx'

/** What a person decides once: folders and their policies, rights, looks. */
export function Settings() {
  const folders = useFolders()
  const { folder: named } = useSearch({ strict: false })
  return (
    <Stack gap="lg" maw={960}>
      <Title order={1}>Settings</Title>
      <Halts />
      <Looks />
      <NotificationSettings />
      <AccessLinks />
      <ForAdmins>
        <section aria-labelledby="folders-title">
          <Title order={2} id="folders-title">
            Folders
          </Title>
          {folders.error !== null && (
            <ProblemNote
              title="The folders could not be loaded"
              error={folders.error}
              retry={() => void folders.refetch()}
            />
          )}
          {folders.data?.length === 0 && (
            <Text size="sm" mt="xs">
              There are no folders yet. Create the first one here.
            </Text>
          )}
          <Stack gap="md" mt="sm">
            {folders.data?.map((folder) => (
              <FolderSettings
                key={folder.id}
                folder={folder}
                opened={folder.id === named || folders.data.length === 1}
              />
            ))}
          </Stack>
          <NewFolder />
        </section>
        <RemovedFolders />
        <Invites folders={folders.data ?? []} />
      </ForAdmins>
      <SignOut />
    </Stack>
  )
}

function Looks() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <section aria-labelledby="looks-title">
      <Title order={2} id="looks-title">
        Appearance
      </Title>
      <SegmentedControl
        mt="xs"
        aria-label="Theme"
        value={colorScheme}
        onChange={(value) => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
        data={[
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
          { value: 'auto', label: 'System' },
        ]}
      />
    </section>
  )
}

function NewFolder() {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const create = useAction('create the folder', async () => {
    await client.createFolder(name.trim())
    setName('')
    await queries.invalidateQueries({ queryKey: ['folders'] })
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    void create.run()
  }
  return (
    <form onSubmit={submit}>
      <Group align="end" mt="md" gap="sm">
        <TextInput
          label="New folder"
          placeholder="Photos"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <Button type="submit" variant="default" loading={create.busy}>
          Create folder
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mt={4}>
        A folder is a directory tree that nodes share. Give it to an existing node, or to a new one with a join link.
      </Text>
    </form>
  )
}
