import type { Actor, LostDevice, NodeId } from '@causeway/protocol'
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
  folder: LostDevice['folders'][number]['folder'],
): Promise<Pick<LostDevice['folders'][number], 'name' | 'files' | 'bytes'>> {
  const { files, bytes } = await tx.counts(folder)
  return { name: (await tx.folder(folder))?.name ?? folder, files, bytes }
}
