import type { FastifyRequest } from 'fastify'
import { SyncError, type Actor, type FolderId } from '@causeway/protocol'
import type { Acting } from '../ports/acting.ts'

/** Who a request is by, as history names them. A person at a node acts as the node. */
export function actorBehind({ identity }: FastifyRequest): Actor {
  if (identity === null) throw new SyncError('not-signed-in', 'nobody has signed in')
  return identity.kind === 'person' ? { kind: 'person', ...identity.person } : { kind: 'node', node: identity.node }
}

/** The same, in the folder that the route names. */
export function actingIn(request: FastifyRequest & { readonly params: { readonly folder: FolderId } }): Acting {
  return { folder: request.params.folder, by: actorBehind(request) }
}
