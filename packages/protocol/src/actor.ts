import { z } from 'zod'
import { WordSchema } from './bounded.ts'
import { COORDINATOR_ID, NodeIdSchema, type NodeId } from './ids.ts'

export const PersonSchema = z.object({ id: WordSchema, name: WordSchema })
export type Person = z.infer<typeof PersonSchema>

/** Who caused something: a person, from the page or a command; a node by itself; or the coordinator by itself. */
export const ActorSchema = z.discriminatedUnion('kind', [
  PersonSchema.extend({ kind: z.literal('person') }),
  z.object({ kind: z.literal('node'), node: NodeIdSchema }),
  z.object({ kind: z.literal('coordinator') }),
])
export type Actor = z.infer<typeof ActorSchema>

export const BY_COORDINATOR: Actor = { kind: 'coordinator' }

/** Who caused an event or a version: where that is not told, whoever it is named after. */
export function actorOf({ actor, node }: { readonly actor?: Actor | undefined; readonly node: NodeId }): Actor {
  if (actor !== undefined) return actor
  return node === COORDINATOR_ID ? BY_COORDINATOR : { kind: 'node', node }
}
