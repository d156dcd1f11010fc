import { COORDINATOR_ID, type Actor, type FolderId, type LostDevice, type NodeId } from '@causeway/protocol'
import type { MetadataReader } from '@causeway/store'
import type { Context } from '../ports/context.ts'
import type { Nodes } from './nodes.ts'

export interface LostDevices {
  /** Ends a device's rights and connections, and says what it held: what whoever has it now may have read. */
  report(node: NodeId, by: Actor): Promise<LostDevice>
}

export function createLostDevices({ metadata }: Context, nodes: Pick<Nodes, 'get' | 'remove'>): LostDevices {
  return {
    async report(node, by) {
      const { name, registeredAt, lastSeenAt, address, folders } = await nodes.get(node)
      const held = await metadata.read((tx) =>
        Promise.all(
          folders.map(async ({ folder, access, applied, head }) => ({
            ...(await nameAndSize(tx, folder)),
            folder,
            access,
            since: await joinedAt(tx, folder, node),
            applied,
            head,
          })),
        ),
      )
      await nodes.remove(node, by)
      return { node, name, registeredAt, lastSeenAt, address, folders: held }
    },
  }
}

async function nameAndSize(
  tx: MetadataReader,
  folder: FolderId,
): Promise<Pick<LostDevice['folders'][number], 'name' | 'files' | 'bytes'>> {
  const { files, bytes } = await tx.counts(folder)
  return { name: (await tx.folder(folder))?.name ?? folder, files, bytes }
}

/** Joins are few, and are among the coordinator's own events. */
const MOST_JOINS = 1000

async function joinedAt(tx: MetadataReader, folder: FolderId, node: NodeId): Promise<string | null> {
  const joins = await tx.eventsBefore(undefined, { folder, node: COORDINATOR_ID, kinds: ['join'] }, MOST_JOINS)
  return joins.find(({ actor }) => actor?.kind === 'node' && actor.node === node)?.at ?? null
}
