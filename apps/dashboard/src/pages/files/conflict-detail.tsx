import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import type { ConflictView, VersionView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { ActorName } from '../../parts/actor-name.tsx'
import { Ago } from '../../parts/ago.tsx'
import { bytes } from '../../parts/format.ts'
import { PathText } from '../../parts/path-text.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { ClocksLink } from './clocks-link.tsx'
import { Compared } from './compared.tsx'
import { settleAll, type Choice } from './settle.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { ForEditors } from '../../parts/for-admins.tsx'
import { isolated } from '../../parts/isolated.ts'
import look from './conflicts.module.css'

/** Both sides of one conflict, and the choice between them. */
export function ConflictDetail({ conflict }: { readonly conflict: ConflictView }) {
  const { folder, copy, rival } = conflict
  const sides = useQuery({
    queryKey: ['conflict-sides', folder, copy, rival],
    staleTime: 0,
    queryFn: () => Promise.all([newest(folder, rival), newest(folder, copy)]),
  })
  const nodeName = useNodeName()
  const settle = useAction('resolve the conflict', (choice: Choice) => settleAll([conflict], choice))
  if (sides.error !== null) {
    return (
      <ProblemNote
        title="The two versions could not be loaded"
        error={sides.error}
        retry={() => void sides.refetch()}
      />
    )
  }
  if (sides.data === undefined) return <Loader size="sm" aria-label="Loading both versions" />
  const [original, other] = sides.data
  return (
    <Stack gap="md" miw={0}>
      <Text size="sm">
        Two nodes changed <PathText path={conflict.rivalPath} most={80} /> and neither had seen the other’s change. Both
        are kept until you choose.{' '}
        <ClocksLink folder={folder} entries={[rival, copy]}>
          See why in Vector Clocks
        </ClocksLink>
      </Text>
      <div className={look.sides}>
        <SideFacts label="Kept the name" version={original}>
          <ForEditors folder={folder}>
            <Button size="xs" loading={settle.busy} onClick={() => void settle.run('keep-original')}>
              Keep this
            </Button>
          </ForEditors>
        </SideFacts>
        <SideFacts label="Kept as a copy" version={other}>
          <ForEditors folder={folder}>
            <Button size="xs" loading={settle.busy} onClick={() => void settle.run('keep-copy')}>
              Keep the other
            </Button>
          </ForEditors>
        </SideFacts>
      </div>
      <ForEditors folder={folder}>
        <Group gap="sm">
          <Button size="xs" variant="default" loading={settle.busy} onClick={() => void settle.run('keep-both')}>
            Keep both
          </Button>
          <Text size="xs" c="dimmed">
            The version you do not keep stays in the history.
          </Text>
        </Group>
      </ForEditors>
      <Compared
        folder={folder}
        a={{ version: original, label: `Kept the name, by ${isolated(nodeName(original.node))}` }}
        b={{ version: other, label: `Copy, by ${isolated(nodeName(other.node))}` }}
      />
    </Stack>
  )
}

function SideFacts(props: {
  readonly label: string
  readonly version: VersionView
  readonly children: React.ReactNode
}) {
  const { label, version, children } = props
  return (
    <div className={look.side}>
      <strong>{label}</strong>
      <PathText path={version.path} most={52} />
      <span className={look.when}>
        <ActorName of={version} /> · <Ago at={version.at} />
        {version.content.kind === 'file' && ` · ${bytes(version.content.size)}`}
        {version.deleted && ' · deleted since'}
      </span>
      <div>{children}</div>
    </div>
  )
}

async function newest(folder: string, entry: string): Promise<VersionView> {
  const [version] = (await client.history(folder, { entry }, { limit: 1 })).versions
  if (version === undefined) throw new Error('One of the two files has no version left.')
  return version
}
