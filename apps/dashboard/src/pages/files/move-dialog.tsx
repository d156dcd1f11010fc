import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { useMemo, useState } from 'react'
import { DirectoryTree } from './directory-tree.tsx'
import { nameMeant, type Meant } from './meant.ts'
import { movesInto, parentOf } from './paths.ts'
import look from './tree.module.css'

/** Chooses a directory in the tree. What is moved, and what lies in it, is no place to move it to. */
export function MoveDialog(props: {
  readonly folder: FolderView
  readonly meant: Meant
  onMove(directory: string): Promise<void>
  onClose(): void
}) {
  const { folder, meant, onMove, onClose } = props
  const paths = useMemo(() => (meant.kind === 'rows' ? meant.rows.map(({ path }) => path) : []), [meant])
  const from = meant.kind === 'rows' ? parentOf(paths[0] ?? '') : meant.what.directory
  const [to, setTo] = useState(from)
  const [busy, setBusy] = useState(false)
  const isElsewhere = meant.kind === 'rows' ? movesInto(paths, to).length > 0 : to !== from

  async function move(): Promise<void> {
    setBusy(true)
    await onMove(to)
    setBusy(false)
    onClose()
  }

  return (
    <Modal opened onClose={onClose} title={`Move ${nameMeant(meant)}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="sm">
        <div className={look.box}>
          <DirectoryTree folder={folder} current={to} without={paths} go={setTo} />
        </div>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {isElsewhere ? '' : 'It is already here. Choose another directory.'}
          </Text>
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button disabled={!isElsewhere} loading={busy} onClick={() => void move()}>
              Move here
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}
