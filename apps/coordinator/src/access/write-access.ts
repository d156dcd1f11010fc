import type { FastifyRequest } from 'fastify'
import { SyncError, type FolderId } from '@causeway/protocol'
import type { Context } from '../context.ts'

/** Lets pass whoever may change a folder: people, and nodes that may both read and write it. Throws `not-allowed` and `paused`. */
export async function refuseReaders(context: Context, request: FastifyRequest, folder: FolderId): Promise<void> {
  const { identity } = request
  if (identity?.kind !== 'node') return
  const member = (await context.metadata.read((tx) => tx.memberships({ folder, node: identity.node })))[0]
  if (member?.access !== 'read-write') throw new SyncError('not-allowed', `${identity.node} may not change ${folder}`)
  if (member.paused) throw new SyncError('paused', `a person has paused ${folder} on ${identity.node}`)
}
