import { Button, Text } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useMembers } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { modals } from '../../parts/confirm.tsx'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { carriedBy, holds } from './removal-words.ts'

/** Takes a folder out of use, after a question that counts what it holds and names who carries it. */
export function RemoveFolder({ folder }: { readonly folder: FolderView }) {
  const queries = useQueryClient()
  const nodeName = useNodeName()
  const { data: members } = useMembers(folder.id)
  const remove = useAction('remove the folder', async () => {
    await client.removeFolder(folder.id)
    // At once, so that nothing more is asked about a folder that is not there.
    queries.setQueryData<FolderView[]>(['folders'], (known) => known?.filter(({ id }) => id !== folder.id))
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['folders'] }),
      queries.invalidateQueries({ queryKey: ['removed-folders'] }),
      queries.invalidateQueries({ queryKey: ['invites'] }),
    ])
  })
  const names = members?.map(({ node }) => isolated(nodeName(node)))
  return (
    <div>
      <Button
        color="red"
        variant="light"
        loading={remove.busy}
        disabled={names === undefined}
        onClick={() =>
          modals.confirm({
            title: `Remove ${isolated(folder.name)}?`,
            text: (
              <>
                <Text size="sm">
                  <Name text={folder.name} /> {holds(folder.counts)}. {carriedBy(names ?? [])}
                </Text>
                <Text size="sm" mt="xs">
                  All of it, with every version, is kept here under Removed folders: you can restore it until you delete
                  it for good.
                </Text>
              </>
            ),
            action: 'Remove',
            onConfirm: () => void remove.run(),
          })
        }
      >
        Remove this folder
      </Button>
    </div>
  )
}
