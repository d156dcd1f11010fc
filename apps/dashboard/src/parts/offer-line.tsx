import { Button, Group, Stack, Text } from '@mantine/core'
import type { FolderId, NodeId } from '@causeway/protocol'
import { client } from '../data/client.ts'
import { useAction } from '../data/use-action.ts'
import { acceptCommand } from './accept-command.ts'
import { CommandLine } from './copy.tsx'
import { isolated } from './isolated.ts'
import { Name } from './name.tsx'

interface OfferLineProps {
  readonly folder: { readonly id: FolderId; readonly name: string }
  readonly node: { readonly id: NodeId; readonly name: string; readonly online: boolean }
  /** Which of the two the place where it stands does not name already. */
  readonly of: 'folder' | 'node'
}

/** A folder that was given to a node which has not said yet where it is to keep it. */
export function OfferLine({ folder, node, of }: OfferLineProps) {
  const takeBack = useAction('withdraw the offer', () => client.takeFolderAway(folder.id, node.id))
  return (
    <Stack gap={6} mt="sm" role="group" aria-label={`${isolated(folder.name)} is offered to ${isolated(node.name)}`}>
      <Group justify="space-between" align="center" wrap="nowrap">
        <Text size="sm">
          <span aria-hidden="true">◐</span> <Name text={of === 'node' ? node.name : folder.name} />{' '}
          {!node.online
            ? 'will hear about it when it is back.'
            : of === 'node'
              ? 'does not know yet where to keep it.'
              : 'waits for a directory on this node.'}
        </Text>
        <Button
          size="xs"
          variant="default"
          style={{ flexShrink: 0 }}
          loading={takeBack.busy}
          onClick={() => void takeBack.run()}
        >
          Withdraw
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        On <Name text={node.name} />, run this with a directory, new or full:
      </Text>
      <CommandLine command={acceptCommand(folder)} />
    </Stack>
  )
}
