import { Button, Group, Stack, Text } from '@mantine/core'
import type { FolderId, NodeId, NodeOffer } from '@causeway/protocol'
import { client } from '../data/client.ts'
import { useAction } from '../data/use-action.ts'
import { acceptCommand, declineCommand } from './accept-command.ts'
import { Ago } from './ago.tsx'
import { CommandLine } from './copy.tsx'
import { ForAdmins } from './for-admins.tsx'
import { isolated } from './isolated.ts'
import { Name } from './name.tsx'

interface OfferLineProps {
  readonly folder: { readonly id: FolderId; readonly name: string }
  readonly node: { readonly id: NodeId; readonly name: string; readonly online: boolean }
  readonly offer: NodeOffer
  /** Which of the two the place where it stands does not name already. */
  readonly of: 'folder' | 'node'
}

/** A folder that was given to a node which has not said yet where it is to keep it, or has said that it does not want it. */
export function OfferLine(props: OfferLineProps) {
  return props.offer.declined === true ? <Declined {...props} /> : <Waiting {...props} />
}

/** Beside the folder stands who gave it, who may take it back; beside the node, whom it was given, who may decline it. */
function Waiting({ folder, node, of }: OfferLineProps) {
  const takeBack = useAction('withdraw the offer', () => client.takeFolderAway(folder.id, node.id))
  const decline = useAction('decline the folder', () => client.declineFolder(folder.id, node.id))
  const answer = of === 'node' ? { label: 'Withdraw', action: takeBack } : { label: 'Decline', action: decline }
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
        <ForAdmins>
          <Button
            size="xs"
            variant="default"
            style={{ flexShrink: 0 }}
            loading={answer.action.busy}
            onClick={() => void answer.action.run()}
          >
            {answer.label}
          </Button>
        </ForAdmins>
      </Group>
      <Text size="sm" c="dimmed">
        On <Name text={node.name} />, run this with a directory, new or full (and with the <code>--state</code> of that
        node, where it was started with one):
      </Text>
      <CommandLine command={acceptCommand(folder)} />
      <Text size="sm" c="dimmed">
        or, if it is not wanted there: <code>{declineCommand(folder)}</code>
      </Text>
    </Stack>
  )
}

function Declined({ folder, node, offer, of }: OfferLineProps) {
  const again = useAction('offer the folder again', () => client.giveFolder(folder.id, node.id, offer.access))
  const forget = useAction('take the offer back', () => client.takeFolderAway(folder.id, node.id))
  return (
    <Group
      gap="xs"
      mt="sm"
      justify="space-between"
      role="group"
      aria-label={`${isolated(folder.name)} was declined by ${isolated(node.name)}`}
    >
      <Text size="sm">
        <span aria-hidden="true">◇</span>{' '}
        {of === 'node' ? (
          <>
            <Name text={node.name} /> declined it
          </>
        ) : (
          <>
            <Name text={folder.name} /> was declined
          </>
        )}{' '}
        <Ago at={offer.at} />.
      </Text>
      <ForAdmins>
        <Group gap="xs" wrap="nowrap">
          <Button size="xs" variant="default" loading={again.busy} onClick={() => void again.run()}>
            Offer again
          </Button>
          <Button size="xs" variant="subtle" loading={forget.busy} onClick={() => void forget.run()}>
            Dismiss
          </Button>
        </Group>
      </ForAdmins>
    </Group>
  )
}
