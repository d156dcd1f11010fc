import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { useMemo, useState } from 'react'
import { plural } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { DirectoryTree } from './directory-tree.tsx'
import { movesInto, parentOf } from './paths.ts'
import type { Row } from './row.ts'
import look from './tree.module.css'

/** Chooses a directory in the tree. What is moved, and what lies in it, is no place to move it to. */
export function MoveDialog(props: {
  readonly folder: FolderView
  readonly rows: readonly Row[]
  onMove(directory: string): Promise<void>
  onClose(): void
}) {
  const { folder, rows, onMove, onClose } = props
  const paths = useMemo(() => rows.map(({ path }) => path), [rows])
  const [to, setTo] = useState(() => parentOf(paths[0] ?? ''))
  const [busy, setBusy] = useState(false)
  const moves = movesInto(paths, to)
  const [only] = rows

  async function move(): Promise<void> {
    setBusy(true)
    await onMove(to)
    setBusy(false)
    onClose()
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={
        rows.length === 1 && only !== undefined
          ? `Move “${isolated(only.name)}”`
          : `Move ${plural(rows.length, 'entry', 'entries')}`
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        <div className={look.box}>
          <DirectoryTree folder={folder} current={to} without={paths} go={setTo} />
        </div>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {moves.length === 0 ? 'It is here already: choose another directory.' : ''}
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
