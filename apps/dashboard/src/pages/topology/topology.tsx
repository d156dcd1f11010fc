import { Group, Select, Stack, Text, Title } from '@mantine/core'
import type { NodeId } from '@causeway/protocol'
import { useCallback } from 'react'
import { useFolders } from '../../data/folders.ts'
import { useLive } from '../../live/use-live.ts'
import { StateMark, type Condition } from '../../parts/state-mark.tsx'
import { Pair } from '../../parts/detail.tsx'
import { isolated } from '../../parts/isolated.ts'
import { useAddress } from '../../parts/use-address.ts'
import { NodeDetail } from '../overview/node-detail.tsx'
import { NodeList } from './node-list.tsx'
import { Stage } from './stage.tsx'
import look from './topology.module.css'

const CONDITIONS: readonly Condition[] = [
  'in-sync',
  'syncing',
  'attention',
  'halted',
  'paused',
  'offline',
  'registered',
]

/** Who is connected with whom, and what flows. */
export function Topology() {
  const { said: search, say } = useAddress()
  const folders = useFolders()
  const chosen = search.node ?? null
  const { folder } = search
  const connection = useLive((state) => state.connection)
  const node = useLive((state) => (chosen === null ? undefined : state.nodes.get(chosen as NodeId)))

  const choose = useCallback(
    (id: string | null): void => {
      say({ node: id ?? undefined })
    },
    [say],
  )

  return (
    <Stack gap="md">
      <Group justify="space-between" align="end">
        <Title order={1}>Network Topology</Title>
        <Select
          aria-label="Folder"
          placeholder="All folders"
          clearable
          data={folders.data?.map(({ id, name }) => ({ value: id, label: isolated(name) })) ?? []}
          value={folder ?? null}
          onChange={(id) => say({ folder: id ?? undefined })}
        />
      </Group>
      <Pair>
        <div className={look.columns}>
          <div>
            <Stage folder={folder} chosen={chosen} choose={choose} />
            <div className={look.legend} aria-label="What the shapes mean" role="note">
              {[...CONDITIONS, ...(connection === 'lost' ? (['unknown'] as const) : [])].map((condition) => (
                <StateMark key={condition} condition={condition} />
              ))}
              <Text span size="sm" c="dimmed">
                Dots move with the bytes: more dots mean more bytes. Dotted lines are between nodes that give one
                another parts of files.
              </Text>
            </div>
          </div>
          <NodeList folder={folder} chosen={chosen} choose={choose} />
        </div>
        {node !== undefined && <NodeDetail node={node} onClose={() => choose(null)} />}
      </Pair>
    </Stack>
  )
}
