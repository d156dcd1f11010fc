import type { NodeView } from '@causeway/protocol'
import { useLive } from '../live/use-live.ts'
import { Ago } from './ago.tsx'
import { clockTime } from './format.ts'
import { conditionOf, conditionWord, StateMark } from './state-mark.tsx'

/** How a node is; while the coordinator can't be reached, how it was when it was last heard of. */
export function NodeState({ node }: { readonly node: NodeView }) {
  const connection = useLive((state) => state.connection)
  const since = useLive((state) => state.since)
  const condition = conditionOf(node)
  if (connection !== 'lost') return <StateMark condition={condition} />
  const was = conditionWord(condition).toLowerCase()
  return (
    <span title={`The coordinator cannot be reached. Last known at ${clockTime(since)}: ${was}`}>
      <StateMark condition="unknown" />, was {was}
    </span>
  )
}

/** When a node was last heard of; that it is here now is only said while the coordinator says so. */
export function LastSeen({ node, isStop = false }: { readonly node: NodeView; readonly isStop?: boolean }) {
  const connection = useLive((state) => state.connection)
  const since = useLive((state) => state.since)
  if (!node.online) return <Ago at={node.lastSeenAt} isStop={isStop} />
  return connection === 'lost' ? <Ago at={new Date(since).toISOString()} isStop={isStop} /> : <>now</>
}
