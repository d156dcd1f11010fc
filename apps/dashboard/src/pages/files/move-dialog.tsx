import { Button, Group, Loader, Modal, Stack, Text, UnstyledButton } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { plural } from '../../parts/format.ts'
import { Crumbs } from './crumbs.tsx'
import { KindIcon } from './kind-icon.tsx'
import { isWithin, joinPath, movesInto, parentOf } from './paths.ts'
import type { Row } from './row.ts'
import look from './move-dialog.module.css'

/** Chooses a directory by walking to it. What is moved, and what lies in it, is no place to move it to. */
export function MoveDialog(props: {
  readonly folder: FolderView
  readonly rows: readonly Row[]
  onMove(directory: string): Promise<void>
  onClose(): void
}) {
  const { folder, rows, onMove, onClose } = props
  const paths = rows.map(({ path }) => path)
  const [at, setAt] = useState(() => parentOf(paths[0] ?? ''))
  const [busy, setBusy] = useState(false)
  const directories = useDirectories(folder, at)
  const moves = movesInto(paths, at)
  const [only] = rows

  async function move(): Promise<void> {
    setBusy(true)
    await onMove(at)
    setBusy(false)
    onClose()
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={
        rows.length === 1 && only !== undefined
          ? `Move “${only.name}”`
          : `Move ${plural(rows.length, 'entry', 'entries')}`
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        <Crumbs name={folder.name} path={at} go={setAt} drop={() => undefined} />
        <div className={look.box}>
          {directories.isPending && <Loader size="sm" m="md" aria-label="Reading the directory" />}
          {directories.error !== null && (
            <Text size="sm" p="sm" role="alert">
              This directory could not be read: {directories.error.message}
            </Text>
          )}
          {directories.data?.length === 0 && (
            <Text size="sm" c="dimmed" p="sm">
              No directory in here.
            </Text>
          )}
          <ul>
            {directories.data
              ?.filter((name) => !paths.some((path) => isWithin(joinPath(at, name), path)))
              .map((name) => (
                <li key={name}>
                  <UnstyledButton className={look.entry} onClick={() => setAt(joinPath(at, name))}>
                    <KindIcon kind="directory" /> <bdi>{name}</bdi>
                  </UnstyledButton>
                </li>
              ))}
          </ul>
        </div>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {moves.length === 0 ? 'It is here already: open another directory.' : ''}
          </Text>
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button disabled={moves.length === 0} loading={busy} onClick={() => void move()}>
              Move here
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}

const PAGE = 1000

function useDirectories(folder: FolderView, path: string) {
  return useQuery({
    queryKey: ['directories', folder.id, path],
    staleTime: 0,
    async queryFn() {
      const names: string[] = []
      let after: string | undefined
      do {
        const page = await client.browse(
          folder.id,
          path,
          after === undefined ? { limit: PAGE } : { after, limit: PAGE },
        )
        for (const { state } of page.entries) if (state.content.kind === 'directory') names.push(state.name)
        after = page.next ?? undefined
      } while (after !== undefined)
      return names
    },
  })
}
