import { SyncError, type NodeId } from '@causeway/protocol'

/** What a node learns that was removed. It comes back with a new join link, under the same name and key. */
export function nodeRemoved(node: NodeId): SyncError {
  return new SyncError('node-removed', `${node} was removed by a person: it can join again with a new join link`)
}
