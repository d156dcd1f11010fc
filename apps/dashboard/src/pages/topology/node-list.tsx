import { Group, Text, Title } from '@mantine/core'
import type { NodeId, NodeView } from '@causeway/protocol'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useRef } from 'react'
import { isTransfer } from '../../live/is-transfer.ts'
import { useLive } from '../../live/use-live.ts'
import { duration, plural, rate } from '../../parts/format.ts'
import { NodeName } from '../../parts/node-name.tsx'
import { NodeState } from '../../parts/node-state.tsx'
import { behindBy, unsentBy } from '../overview/node-words.ts'
import { useCalm } from './use-calm.ts'
import look from './topology.module.css'

export interface NodeListProps {
  readonly folder: string | undefined
  readonly chosen: string | null
  choose(id: string): void
}

/** The same nodes as the picture's, for the keyboard and for screen readers. */
export function NodeList({ folder, chosen, choose }: NodeListProps) {
  const nodes = useCalm((state) => state.nodes)
  const shown = [...nodes.values()].filter(
    (node) => folder === undefined || node.folders.some((member) => member.folder === folder),
  )
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => 56,
    overscan: 6,
  })
  return (
    <section aria-labelledby="nodes-title">
      <Title order={2} id="nodes-title" mb={4}>
        {plural(shown.length, 'node')}
      </Title>
      <div ref={box} className={look.list} tabIndex={0} role="group" aria-label="Nodes">
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const node = shown[index]
            return (
              node && <Item key={node.id} node={node} start={start} isChosen={node.id === chosen} choose={choose} />
            )
          })}
        </div>
      </div>
    </section>
  )
}

interface ItemProps {
  readonly node: NodeView
  readonly start: number
  readonly isChosen: boolean
  choose(id: string): void
}

const Item = memo(function Item({ node, start, isChosen, choose }: ItemProps) {
  return (
    <button
      type="button"
      className={look.item}
      style={{ transform: `translateY(${start}px)` }}
      aria-pressed={isChosen}
      onClick={() => choose(node.id)}
    >
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text span size="sm" fw={600} truncate>
          <NodeName node={node.id} />
        </Text>
        <Text span size="sm">
          <NodeState node={node} />
        </Text>
      </Group>
      <Text span display="block" size="xs" c="dimmed" truncate>
        {node.folders.length > 0 && behindBy(node) !== 'nothing' && `${behindBy(node)} behind. `}
        {unsentBy(node) !== '' && `${unsentBy(node)}. `}
        <Flow node={node.id} />
      </Text>
    </button>
  )
})

function Flow({ node }: { readonly node: NodeId }) {
  const traffic = useLive((state) => state.traffic.get(node))
  const { upBytesPerSecond: up = 0, downBytesPerSecond: down = 0, roundTripMs = null, fromPeers = [] } = traffic ?? {}
  const given = fromPeers.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0)
  if (!isTransfer(up + down + given)) return <>No transfers.</>
  return (
    <>
      ↑ {rate(up)} ↓ {rate(down)}
      {given >= 1 && `, ${rate(given)} from other nodes`}
      {roundTripMs !== null && `, ${duration(roundTripMs)} round trip`}
    </>
  )
}
