import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { useRef, useState } from 'react'
import { useLive } from '../live/use-live.ts'
import { isolated } from '../parts/isolated.ts'
import { toldApart } from '../live/node-names.ts'
import { givenByDialog, givenByDrop } from './dropped-files.ts'
import { startUploads, uploadOwner } from './start-uploads.ts'
import type { Given } from './plan.ts'
import look from './upload.module.css'

/** Chooses what to upload, and in whose name. The upload itself goes on when this is closed. */
export function UploadDialog(props: {
  readonly folder: FolderView
  readonly into: string
  readonly onClose: () => void
}) {
  const { folder, into, onClose } = props
  const nodes = useLive((state) => state.nodes)
  const [owner, setOwner] = useState<string | null>(uploadOwner.get())
  const [over, setOver] = useState(false)
  const files = useRef<HTMLInputElement>(null)
  const directory = useRef<HTMLInputElement>(null)

  function take(given: Promise<Given>): void {
    onClose()
    void startUploads(folder.id, into, given)
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={`Upload to ${into === '' ? isolated(folder.name) : `“${isolated(into)}”`}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <div
          className={look.drop}
          data-over={over || undefined}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault()
            take(givenByDrop(event.dataTransfer))
          }}
        >
          <Text size="sm">Drop files or directories here, or</Text>
          <Group gap="sm" justify="center">
            <Button onClick={() => files.current?.click()} data-autofocus>
              Choose files
            </Button>
            <Button variant="default" onClick={() => directory.current?.click()}>
              Choose a directory
            </Button>
          </Group>
          <input
            ref={files}
            type="file"
            multiple
            hidden
            aria-label="Files to upload"
            onChange={({ currentTarget }) =>
              currentTarget.files && take(Promise.resolve(givenByDialog(currentTarget.files)))
            }
          />
          <input
            ref={(input) => {
              directory.current = input
              if (input !== null) input.webkitdirectory = true
            }}
            type="file"
            hidden
            aria-label="Directory to upload"
            onChange={({ currentTarget }) =>
              currentTarget.files && take(Promise.resolve(givenByDialog(currentTarget.files)))
            }
          />
        </div>
        <Select
          label="Owner node"
          description="The history then shows this node as the author."
          placeholder="None"
          clearable
          clearButtonProps={{ 'aria-label': 'No owner node' }}
          data={toldApart(nodes.values()).map(({ id, name }) => ({ value: String(id), label: isolated(name) }))}
          value={owner}
          onChange={(id) => {
            setOwner(id)
            uploadOwner.set([...nodes.keys()].find((node) => node === id) ?? null)
          }}
        />
        <Text size="sm" c="dimmed">
          An existing file gets a new version, and only what changed is sent. The old version stays in its history.
        </Text>
      </Stack>
    </Modal>
  )
}
