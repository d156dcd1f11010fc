import { actorOf, COORDINATOR_ID, type HistoryEvent } from '@causeway/protocol'
import { Name } from './name.tsx'
import { NodeName } from './node-name.tsx'

/** Who caused an event or a version: a person by name, a node by its own. */
export function ActorName({ of }: { readonly of: Pick<HistoryEvent, 'actor' | 'node'> }) {
  const actor = actorOf(of)
  if (actor.kind === 'person') return <Name text={actor.name} />
  return <NodeName node={actor.kind === 'node' ? actor.node : COORDINATOR_ID} />
}
