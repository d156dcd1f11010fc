import { Button, Modal, Stack, Table, Text } from '@mantine/core'
import type { LostDevice, NodeView } from '@causeway/protocol'
import { useEffect, useState } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { modals } from '../../parts/confirm.tsx'
import { bytes, moment, plural } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { RIGHTS } from '../settings/rights.ts'

interface LostDeviceProps {
  readonly node: NodeView
  readonly name: string
}

/** For a laptop that was stolen: its rights end at once, and what it held is told. */
export function LostDeviceButton({ node, name }: LostDeviceProps) {
  const report = useAction('report the device lost', async () => show?.(await client.reportLost(node.id)))
  return (
    <Button
      variant="default"
      loading={report.busy}
      onClick={() =>
        modals.confirm({
          title: `Is ${name} lost or stolen?`,
          text: 'It loses access and is disconnected at once, on every coordinator. The files on it stay there: you will see which ones next.',
          action: 'Report it lost',
          onConfirm: () => void report.run(),
        })
      }
    >
      Lost device
    </Button>
  )
}

let show: ((held: LostDevice) => void) | undefined

/** Where it is told what a device held: once, around all pages, as the node itself is gone by then. */
export function LostDeviceReport() {
  const [held, setHeld] = useState<LostDevice | null>(null)
  useEffect(() => {
    show = setHeld
    return () => {
      show = undefined
    }
  }, [])
  if (held === null) return null
  return (
    <Modal
      opened
      onClose={() => setHeld(null)}
      title={
        <>
          <Name text={held.name} /> is cut off
        </>
      }
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Held held={held} />
    </Modal>
  )
}

function Held({ held: { registeredAt, lastSeenAt, folders } }: { readonly held: LostDevice }) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        It joined on {moment(Date.parse(registeredAt))} and was last seen on {moment(Date.parse(lastSeenAt))}. It can no
        longer sign in.
      </Text>
      {folders.length === 0 ? (
        <Text size="sm">It had no folder.</Text>
      ) : (
        <>
          <Text size="sm">
            Whoever has it may be able to read what is on its disk: change any passwords and keys stored in these
            folders.
          </Text>
          <Table fz="sm" aria-label="What it held">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Folder</Table.Th>
                <Table.Th>Access</Table.Th>
                <Table.Th>Contents</Table.Th>
                <Table.Th>It had</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {folders.map(({ folder, name, access, since, files, bytes: size, applied, head }) => (
                <Table.Tr key={folder}>
                  <Table.Td>
                    <Name text={name} />
                    {since !== null && (
                      <Text size="xs" c="dimmed">
                        since {moment(Date.parse(since))}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>{RIGHTS.find(({ value }) => value === access)?.label ?? access}</Table.Td>
                  <Table.Td>
                    {plural(files, 'file')}, {bytes(size)}
                  </Table.Td>
                  <Table.Td>{applied >= head ? 'all of it' : `changes up to ${applied} of ${head}`}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </Stack>
  )
}
