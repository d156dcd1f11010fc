import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'

/** The file in each folder that says what is left out; it is synced like any other. */
const IGNORE_FILE = '.causewayignore'

export function IgnoreRules({ folder }: { readonly folder: FolderView }) {
  const queries = useQueryClient()
  const key = ['ignore-rules', folder.id]
  const stored = useQuery({ queryKey: key, queryFn: () => rulesOf(folder.id) })
  const [text, setText] = useState('')
  useEffect(() => {
    if (stored.data !== undefined) setText(stored.data)
  }, [stored.data])
  const save = useAction('save the rules', async () => {
    await client.upload(new Blob([text === '' || text.endsWith('\n') ? text : `${text}\n`]), {
      path: IGNORE_FILE,
      folder: folder.id,
    })
    await queries.invalidateQueries({ queryKey: key })
  })
  if (stored.error !== null) return <ProblemNote title="The ignore rules could not be read" error={stored.error} />
  return (
    <Stack gap="xs">
      <Textarea
        label="Ignore rules"
        description="One pattern per line, as in .gitignore. They apply on every node; ignored files stay where they are."
        autosize
        minRows={3}
        maxRows={14}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        spellCheck={false}
        value={text}
        placeholder={'node_modules/\n*.tmp'}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group>
        <Button variant="default" onClick={() => void save.run()} loading={save.busy} disabled={text === stored.data}>
          Save rules
        </Button>
        {text !== stored.data && (
          <Text size="sm" c="dimmed">
            Not saved yet.
          </Text>
        )}
      </Group>
    </Stack>
  )
}

async function rulesOf(folder: string): Promise<string> {
  const { files } = await client.files({ folder, search: IGNORE_FILE, limit: 100 })
  if (!files.some(({ path }) => path === IGNORE_FILE)) return ''
  return (await client.download(folder, IGNORE_FILE)).text()
}
