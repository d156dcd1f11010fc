import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { MembershipView } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { client } from '../data/client.ts'
import { useAction } from '../data/use-action.ts'
import { modals } from './confirm.tsx'
import { plural } from './format.ts'
import { isolated } from './isolated.ts'
import { Name } from './name.tsx'

interface TakeAwayProps {
  readonly member: MembershipView
  readonly folder: string
  readonly node: string
  readonly isOnline: boolean
}

/** Ends the syncing of one folder on one node, after a question. */
export function TakeAway({ member, folder, node, isOnline }: TakeAwayProps) {
  const queries = useQueryClient()
  const take = useAction('take the folder away', async () => {
    await client.takeFolderAway(member.folder, member.node)
    await queries.invalidateQueries({ queryKey: ['members', member.folder] })
    notifications.show({
      title: `${isolated(folder)} is no longer synced on ${isolated(node)}`,
      message: 'Its files stay on that disk.',
    })
  })
  const unsent = member.report?.pendingUp ?? 0
  return (
    <Button
      size="xs"
      variant="default"
      loading={take.busy}
      aria-label={`Take away ${isolated(folder)} from ${isolated(node)}`}
      onClick={() =>
        modals.confirm({
          title: `Take ${isolated(folder)} away from ${isolated(node)}?`,
          text: (
            <>
              <Name text={node} /> neither sends nor receives in <Name text={folder} /> from then on. The files on its
              disk stay where they are.
              {unsent > 0 && ` ${plural(unsent, 'change')} that it has not sent yet will be on that disk alone.`}
              {!isOnline && ' It is offline and will hear about this when it is back.'}
            </>
          ),
          action: 'Take away',
          onConfirm: () => void take.run(),
        })
      }
    >
      Take away
    </Button>
  )
}
